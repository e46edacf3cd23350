//! What is done with the image of values that lies beside this file, wherever this code runs: by the
//! tests of stele-memory, and by the kernel's tests of itself, on each architecture.

use stele_memory::{Arena, Heap, Local, OutOfMemory, Printing, Root, Session};

/// The image, as one machine saved it.
pub(crate) const IMAGE: &[u8] = include_bytes!("values.image");
/// The values in it in their text form, a line for each.
pub(crate) const TEXT: &str = include_str!("values.edn");
/// How many values the image has.
pub(crate) const VALUES: usize = 5;
/// Words of the region that the image's arena needs.
pub(crate) const REGION: usize = 1 << 15;

/// What the root of the image's arena leads to.
#[repr(C)]
pub(crate) struct Saved {
    pub(crate) heap: Heap,
    pub(crate) values: [Root; VALUES],
    /// A vector of the hashes of the values.
    pub(crate) hashes: Root,
}

/// Loads the image, reads every value and compares it with its text and its hash, saves the arena
/// and compares the bytes, collects everything and reads every value again. `region` has [`REGION`]
/// words, `out` as many bytes as the image.
pub(crate) fn check(region: &mut [u64], out: &mut [u8]) -> Result<(), &'static str> {
    let mut arena = Arena::load(region, IMAGE).map_err(|_| "it cannot be loaded")?;
    let block = arena.block_at(arena.root()).ok_or("it has no root")?;
    if block.size < size_of::<Saved>() as u64 {
        return Err("its root is too small");
    }
    let bytes = arena.bytes(block).ok_or("its root is no block")?;
    // SAFETY: the block has as many bytes. A heap and roots are plain words; what they say is
    // verified below, before anybody relies on it.
    let mut saved = unsafe { bytes.as_ptr().cast::<Saved>().read() };
    let [a, b, c, d, e] = &saved.values;
    saved
        .heap
        .adopt(&mut arena, &[a, b, c, d, e, &saved.hashes])
        .map_err(|_| "its heap is not sound")?;
    if arena.save(out) != Ok(IMAGE.len()) || out != IMAGE {
        return Err("it is saved as other bytes");
    }
    for collected in [false, true] {
        if collected {
            let [a, b, c, d, e] = &mut saved.values;
            let roots = &mut [a, b, c, d, e, &mut saved.hashes];
            // SAFETY: the heap was adopted in this arena, and these are its roots.
            let result = unsafe { saved.heap.collect_everything(&mut arena, roots) };
            result.map_err(|_| "it cannot be collected")?;
        }
        // SAFETY: the heap was adopted in this arena, the roots with it, and this is its session.
        let session = unsafe { Session::new(&mut arena, &mut saved.heap) };
        compare(&session, &saved.values, session.load(&saved.hashes))?;
    }
    Ok(())
}

fn compare(session: &Session<'_>, values: &[Root], hashes: Local<'_>) -> Result<(), &'static str> {
    let mut lines = TEXT.lines();
    for (index, root) in values.iter().enumerate() {
        let value = session.load(root);
        let line = lines.next().ok_or("there is a value without a text")?;
        if !is_printed(session, value, line.as_bytes()).map_err(|_| "there is no room to print")? {
            return Err("a value has another text");
        }
        let hash = session
            .hash(value)
            .map_err(|_| "there is no room to hash")?;
        let expected = session
            .vector_get(hashes, index as u64)
            .and_then(|hash| session.as_integer(hash));
        if expected != Some(hash as i64) {
            return Err("a value has another hash");
        }
    }
    Ok(())
}

/// Whether `text` is what is printed for the value.
fn is_printed(session: &Session<'_>, value: Local<'_>, text: &[u8]) -> Result<bool, OutOfMemory> {
    let mut printing = Printing::new();
    let mut buffer = [0; 256];
    let mut rest = text;
    loop {
        let (length, done) =
            session.print_step(&mut printing, value, &mut buffer, &mut { u64::MAX })?;
        match rest.strip_prefix(&buffer[..length]) {
            Some(behind) => rest = behind,
            None => {
                session.end_printing(&mut printing);
                return Ok(false);
            }
        }
        if done {
            return Ok(rest.is_empty());
        }
    }
}
