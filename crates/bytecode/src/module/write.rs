//! Writing a module, piece by piece, to whatever takes bytes.

use super::{Limits, MAGIC, ModuleLocal, ModuleWord, VERSION};

/// Writes a module, header and parts in one go.
///
/// `contents` is called twice with a sink, once to measure and sum, once to write, and must produce
/// the same bytes both times.
pub fn write(contents: impl Fn(&mut dyn FnMut(&[u8])), sink: &mut dyn FnMut(&[u8])) {
    let mut length = 0u32;
    let mut hasher = blake3::Hasher::new();
    contents(&mut |bytes| {
        length += u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        hasher.update(bytes);
    });
    sink(&MAGIC);
    sink(&VERSION.to_le_bytes());
    sink(&length.to_le_bytes());
    sink(hasher.finalize().as_bytes());
    contents(sink);
}

/// Writes a number of 32 bits: how many items a part has, or the index of the entry.
pub fn write_count(count: usize, sink: &mut dyn FnMut(&[u8])) {
    sink(&u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
}

/// Writes the first part.
pub fn write_limits(limits: &Limits, sink: &mut dyn FnMut(&[u8])) {
    sink(&limits.data_space.to_le_bytes());
    sink(&limits.cells.to_le_bytes());
    sink(&limits.values.to_le_bytes());
}

/// Writes a name; names longer than 255 bytes are cut.
pub fn write_name(name: &[u8], sink: &mut dyn FnMut(&[u8])) {
    let name = &name[..name.len().min(255)];
    sink(&[name.len() as u8]);
    sink(name);
}

/// Writes a function: the words of its header, then, in a second call or the same, its code.
pub fn write_function(words: &[u32], sink: &mut dyn FnMut(&[u8])) {
    for word in words {
        sink(&word.to_le_bytes());
    }
}

/// Writes a word.
pub fn write_word(word: &ModuleWord<'_>, sink: &mut dyn FnMut(&[u8])) {
    write_name(word.name, sink);
    sink(&word.flags.to_le_bytes());
    sink(&word.function.map_or(0, |index| index + 1).to_le_bytes());
    sink(&word.body.to_le_bytes());
}

/// Writes the text form of a constant.
pub fn write_constant(text: &str, sink: &mut dyn FnMut(&[u8])) {
    write_count(text.len(), sink);
    sink(text.as_bytes());
}

/// Writes what data space begins with, and where.
pub fn write_data(address: i64, data: &[u8], sink: &mut dyn FnMut(&[u8])) {
    sink(&address.to_le_bytes());
    write_count(data.len(), sink);
    sink(data);
}

/// Writes what a function is called, empty for nothing, and how many locals follow.
pub fn write_symbol(name: &[u8], locals: usize, sink: &mut dyn FnMut(&[u8])) {
    write_name(name, sink);
    write_count(locals, sink);
}

/// Writes a local of a symbol.
pub fn write_local(local: &ModuleLocal<'_>, sink: &mut dyn FnMut(&[u8])) {
    write_name(local.name, sink);
    sink(&[local.kind as u8]);
    for number in [local.place, local.first, local.end] {
        sink(&number.to_le_bytes());
    }
}

/// Writes the bytes of a function's line table.
pub fn write_lines(table: &[u8], sink: &mut dyn FnMut(&[u8])) {
    write_count(table.len(), sink);
    sink(table);
}
