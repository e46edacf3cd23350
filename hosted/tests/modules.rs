//! `stele --disassemble` and `--assemble`: a module comes back from its text, byte for byte.

use std::path::Path;
use std::process::{Command, Output};

fn stele(words: &[&str], directory: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_stele"))
        .args(words)
        .current_dir(directory)
        .output()
        .expect("stele starts")
}

#[test]
fn a_module_made_of_text_is_shown_as_text_that_makes_it_again() {
    let directory = tempfile::tempdir().expect("there is room");
    let path = directory.path();
    let text = "function main infer\n    check-values\n    constant 0\n    primitive (v.)\n    \
                return\nconstant \"[1 2]\"\n";
    std::fs::write(path.join("a.txt"), text).expect("it can be written");
    let made = stele(&["--assemble", "a.txt", "--output", "a.svc"], path);
    assert!(made.status.success(), "{made:?}");
    let shown = stele(&["--disassemble", "a.svc"], path);
    assert!(shown.status.success(), "{shown:?}");
    std::fs::write(path.join("b.txt"), &shown.stdout).expect("it can be written");
    let made = stele(&["--assemble", "b.txt", "--output", "b.svc"], path);
    assert!(made.status.success(), "{made:?}");
    let read = |name| std::fs::read(path.join(name)).expect("it was written");
    assert_eq!(read("a.svc"), read("b.svc"));
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let directory = tempfile::tempdir().expect("there is room");
    let path = directory.path();
    std::fs::write(path.join("a.txt"), "function main\n    nonsense\n").expect("it can be written");
    let refused = stele(&["--assemble", "a.txt", "--output", "a.svc"], path);
    assert_eq!(refused.status.code(), Some(3));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        said.contains("a.txt: line 2: no instruction is called"),
        "{said}"
    );
    let refused = stele(&["--disassemble", "a.txt"], path);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("a.txt: malformed module at byte"), "{said}");
}
