//! How much a bundle may be. What is larger is refused while it is read.

/// Most bytes of the file.
pub const FILE: u64 = 256 << 20;
/// Most bytes of everything in it, with the headers of the archive.
pub const CONTENTS: u64 = 1 << 30;
/// Most entries.
pub const ENTRIES: usize = 256;
/// Most bytes of `plugin.json`.
pub const SHEET: u64 = 8 << 20;
/// Most bytes of the signature.
pub const SIGNATURE: u64 = 4 << 10;
/// Most bytes of one library.
pub const LIBRARY: u64 = 256 << 20;
/// Most bytes of any other file.
pub const OTHER: u64 = 4 << 20;
/// Most characters of an entry's name.
pub const NAME: usize = 100;
