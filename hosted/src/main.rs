//! temp
use std::io::{Read, Write};
use stele_arbiter::{Arbiter, Exit, Mode, Source};
use stele_hal::{Console, Cpu, Input, Time};
struct H;
impl Console for H {
    fn write(&mut self, bytes: &[u8]) {
        std::io::stdout().write_all(bytes).ok();
        std::io::stdout().flush().ok();
    }
    fn read(&mut self) -> Input {
        let mut b = [0];
        match std::io::stdin().read(&mut b) {
            Ok(1) => Input::Byte(b[0]),
            _ => Input::Closed,
        }
    }
    fn take_interrupt(&mut self) -> bool {
        false
    }
}
impl Time for H {
    fn now_ns(&self) -> u64 {
        0
    }
}
impl Cpu for H {
    fn wait_for_interrupt(&mut self) {}
}
fn main() {
    let mut region = vec![0u64; 8 << 20];
    let mut arbiter = Arbiter::new(&mut region).unwrap();
    let files: Vec<(String, Vec<u8>)> = std::env::args()
        .skip(1)
        .map(|f| (f.clone(), std::fs::read(f).unwrap()))
        .collect();
    let s: Vec<Source> = files
        .iter()
        .map(|(n, c)| Source {
            name: n.as_bytes(),
            contents: c,
        })
        .collect();
    arbiter
        .create_root(
            &s,
            Mode {
                leave_after_texts: !s.is_empty(),
                quiet: false,
            },
        )
        .unwrap_or_else(|e| panic!("{e}"));
    let exit = arbiter.run(&mut H);
    if let Exit::Bye(c) = exit {
        std::process::exit(c as i32)
    }
    println!("{exit:?}");
}
