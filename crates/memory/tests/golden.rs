//! An image of values that is kept with the sources: made on one machine, it is loaded, read and
//! saved byte by byte the same on every other, the kernel's architectures included (they do it in
//! their tests of themselves). And every machine makes the same image of the same values.
//!
//! `STELE_BLESS=1 cargo test -p stele-memory --test golden` makes it anew, after a change to the
//! form of images, heaps or text; its text is to be read before it is committed.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helper functions too"
)]

#[path = "golden/check.rs"]
mod check;

use check::{IMAGE, REGION, Saved, TEXT, VALUES};
use stele_memory::{
    Arena, CodeRef, Heap, Local, Printing, Root, Session, SetTransient, VectorTransient,
};

/// Scalars of every kind, inline and boxed.
fn scalars<'a>(session: &'a Session<'_>) -> Local<'a> {
    let mut all = vec![
        session.nil(),
        session.boolean(true),
        session.boolean(false),
        session.character('é'),
        session
            .text("text of more than a word, with \"quotes\"\n")
            .unwrap(),
        session.bytes(&[0, 1, 254, 255, 9]).unwrap(),
        session.capability(7).unwrap(),
        session.code(CodeRef(8)),
        session.record(65_535, &[session.nil()]).unwrap(),
    ];
    for integer in [0, -1, (1 << 60) - 1, 1 << 60, i64::MAX, i64::MIN] {
        all.push(session.integer(integer).unwrap());
    }
    for float in [
        0.0,
        -0.0,
        0.1,
        1e300,
        5e-324,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
    ] {
        all.push(session.float(float).unwrap());
    }
    vector(session, all)
}

/// A vector, built in place.
fn vector<'a>(
    session: &'a Session<'_>,
    elements: impl IntoIterator<Item = Local<'a>>,
) -> Local<'a> {
    let mut transient = VectorTransient::new();
    for element in elements {
        session
            .vector_transient_push(&mut transient, element)
            .unwrap();
    }
    session.vector_freeze(&mut transient).unwrap()
}

/// A map with keys of all kinds, compound ones among them.
fn map<'a>(session: &'a Session<'_>, scalars: Local<'a>) -> Local<'a> {
    let mut map = session.map().unwrap();
    for (index, key) in session.vector_elements(scalars).enumerate() {
        let number = session.integer(index as i64).unwrap();
        let compound = vector(session, [key, number]);
        for key in [key, compound] {
            map = session.map_insert(map, key, number).unwrap();
        }
    }
    let long = session.text(&"long ".repeat(250)).unwrap();
    map = session.map_insert(map, long, map).unwrap();
    session.map_remove(map, session.boolean(false)).unwrap()
}

/// A set built in place.
fn set<'a>(session: &'a Session<'_>) -> Local<'a> {
    let mut transient = SetTransient::new();
    for index in 0..150 {
        let member = session.integer(index * index * index).unwrap();
        session
            .set_transient_insert(&mut transient, member)
            .unwrap();
    }
    session.freeze(&mut transient).unwrap()
}

/// A vector with seams, of three levels.
fn seams<'a>(session: &'a Session<'_>) -> Local<'a> {
    let numbers = (0..700).map(|number| session.integer(number).unwrap());
    let whole = vector(session, numbers);
    let front = session.vector_slice(whole, 0, 41).unwrap();
    let back = session.vector_slice(whole, 333, 650).unwrap();
    let joined = session.vector_concat(front, back).unwrap();
    session.vector_concat(joined, whole).unwrap()
}

/// Records in records, every part used twice.
fn shared<'a>(session: &'a Session<'_>) -> Local<'a> {
    (0..7).fold(session.text("leaf").unwrap(), |part, depth| {
        session.record(depth, &[part, part]).unwrap()
    })
}

/// The image and the text, made here.
fn make() -> (Vec<u8>, String) {
    let mut region = vec![0; REGION];
    let mut arena = Arena::new(&mut region).unwrap();
    let mut saved = Saved {
        heap: Heap::empty(),
        values: [const { Root::NIL }; VALUES],
        hashes: Root::NIL,
    };
    let block = arena
        .allocate(size_of::<Saved>() as u64, "the roots")
        .unwrap();
    arena.set_root(block.offset);
    let mut text = String::new();
    {
        // SAFETY: a new heap, one session.
        let session = unsafe { Session::new(&mut arena, &mut saved.heap) };
        let scalars = scalars(&session);
        let values = [
            scalars,
            map(&session, scalars),
            set(&session),
            seams(&session),
            shared(&session),
        ];
        let hashes = values.map(|value| {
            let hash = session.hash(value).unwrap();
            session.integer(hash as i64).unwrap()
        });
        session.store(&mut saved.hashes, vector(&session, hashes));
        for (root, value) in saved.values.iter_mut().zip(values) {
            session.store(root, value);
            text += &(print(&session, value) + "\n");
        }
    }
    let [a, b, c, d, e] = &mut saved.values;
    let roots = &mut [a, b, c, d, e, &mut saved.hashes];
    // SAFETY: these are all the roots.
    unsafe { saved.heap.collect_everything(&mut arena, roots) }.unwrap();
    let [a, b, c, d, e] = &saved.values;
    // It leaves its traces in the chunks, as loading does.
    let roots = [a, b, c, d, e, &saved.hashes];
    saved.heap.verify(&mut arena, &roots).unwrap();
    let bytes = arena.bytes_mut(block).unwrap();
    // SAFETY: the block is as large, and aligned to 256; a heap and roots are plain words.
    unsafe { bytes.as_mut_ptr().cast::<Saved>().write(saved) };
    let mut image = vec![0; arena.image_size() as usize];
    arena.save(&mut image).unwrap();
    (image, text)
}

fn print(session: &Session<'_>, value: Local<'_>) -> String {
    let (mut printing, mut text, mut buffer) = (Printing::new(), Vec::new(), [0; 200]);
    loop {
        let (length, done) = session
            .print_step(&mut printing, value, &mut buffer, &mut { u64::MAX })
            .unwrap();
        text.extend_from_slice(&buffer[..length]);
        if done {
            return String::from_utf8(text).unwrap();
        }
    }
}

#[test]
fn an_image_made_elsewhere_is_read_and_saved_the_same_and_made_the_same_here() {
    let (image, text) = make();
    if std::env::var_os("STELE_BLESS").is_some() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/");
        std::fs::write(folder.to_owned() + "values.image", &image).unwrap();
        std::fs::write(folder.to_owned() + "values.edn", &text).unwrap();
        return;
    }
    assert_eq!(text, TEXT);
    assert!(
        image == IMAGE,
        "other bytes: {} of {}",
        image.len(),
        IMAGE.len()
    );
    let mut region = vec![0x5555_5555; REGION];
    let result = check::check(&mut region, &mut vec![0; IMAGE.len()]);
    assert_eq!(result, Ok(()));
}
