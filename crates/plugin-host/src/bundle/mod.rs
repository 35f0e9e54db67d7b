//! Bundles: a plugin for all its platforms in one file, `<name>-<version>.jackfield`.
//!
//! A bundle is a gzipped tar (POSIX ustar) that holds, in this order,
//!
//! | Entry | What it is |
//! |---|---|
//! | `plugin.json` | The [`Sheet`]: format, the manifest that the library describes itself with, and the size and SHA-256 of every other file. Nothing has to be run to read it. |
//! | `plugin.json.minisig` | Optional: the signature of minisign over the bytes of `plugin.json`, which by its hashes covers everything else. |
//! | `LICENSE`, `README.md`, `icon.svg` | For people. |
//! | `lib/<triple>/<file>` | A library for each platform. |
//!
//! The same input gives the same bytes: entries are sorted and carry no time, owner or mode of their own. Only a
//! signature differs each time, because minisign mixes randomness into it.
//!
//! Reading trusts nothing: see [`limits`]. Links, devices, absolute paths, `..` and whatever the sheet does not list are
//! refused, and what is read is counted after decompression, so that a small file cannot become a big one.

mod describe;
mod entry_name;
mod error;
mod install;
pub mod limits;
mod plan;
mod read;
#[cfg(test)]
mod sample;
mod seal;
mod sheet;
mod write;

pub use describe::{Described, describe};
pub use error::BundleError;
pub use install::{Install, remove};
pub use plan::{Agreed, Allowances, Origin, Plan, Step};
pub use read::Bundle;
pub use seal::{NewKey, SigningKey, SigningKeyError};
pub use sheet::{FileEntry, LibraryEntry, Sheet};
pub use write::{Contents, Packed};

/// What the name of a bundle ends with.
pub const EXTENSION: &str = "jackfield";
/// The entry with the [`Sheet`].
pub const SHEET: &str = "plugin.json";
/// The entry with the signature.
pub const SIGNATURE: &str = "plugin.json.minisig";
/// The entry with the icon.
pub const ICON: &str = "icon.svg";
