use std::ffi::{CString, c_char};
use std::mem::offset_of;
use std::path::Path;
use std::sync::Arc;

use jackfield_plugin_abi::layout::Entry;
use jackfield_plugin_abi::messages::{HostInfo, Limits, feature};
use serde::{Deserialize, Serialize};

use jackfield_plugin_abi::{ENTRY_SYMBOL, HostV1, MINOR, PluginV1};

use super::sink::Sink;
use super::table::{Library, Table};

/// Most bytes of a reason that a plugin gives for refusing this host.
const MAX_REASON: usize = 400;

/// Most bytes of a function table: far more than any version of it will have.
const MAX_TABLE: u32 = 1 << 16;

/// How far the loading of a plugin came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Step {
    /// The sandbox could not be closed.
    Sandbox,
    /// The file is no library.
    Library,
    /// It does not export the entry.
    Symbol,
    /// The entry refused this host.
    Entry,
    /// The table is not usable.
    Table,
}

/// Why a file is no plugin that this host can use.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoadError {
    #[error("it is not a library that can be loaded here: {0}")]
    NoLibrary(String),
    #[error("it does not export jackfield_plugin_entry_v1, so it is no Jackfield plugin of ABI 1")]
    NoSymbol,
    #[error("it refuses this host: {0}")]
    Refused(String),
    #[error("it returned no function table (NULL)")]
    NoTable,
    #[error("its function table is not where one can be (misaligned pointer)")]
    Misaligned,
    #[error(
        "its function table has {found} bytes, ABI 1 has {expected}; build it against jackfield_plugin.h of ABI 1"
    )]
    ShortTable { found: u32, expected: usize },
    #[error("its function table says that it has {0} bytes, which no table has")]
    HugeTable(u32),
    #[error("its function table has no {0} (NULL)")]
    NoFunction(&'static str),
}

impl LoadError {
    /// Whether nothing of the library is left in the process.
    pub(crate) fn is_unloaded(&self) -> bool {
        matches!(self, Self::NoLibrary(_) | Self::NoSymbol)
    }

    /// How far loading came.
    pub(crate) fn step(&self) -> Step {
        match self {
            Self::NoLibrary(_) => Step::Library,
            Self::NoSymbol => Step::Symbol,
            Self::Refused(_) | Self::NoTable | Self::Misaligned => Step::Entry,
            _ => Step::Table,
        }
    }
}

impl Library {
    /// Loads a library, which runs its constructors, and checks its table.
    pub(crate) fn load(path: &Path) -> Result<Self, LoadError> {
        let entry = symbol(path)?;
        let mut reason = Sink::new(MAX_REASON);
        // SAFETY: the symbol is that of ABI 1 and so has this type; what it is given lives as long as the ABI demands.
        let table = reason.lend(|out| unsafe { entry(host(), out) });
        let (reason, _) = reason.into_parts();
        if table.is_null() && !reason.is_empty() {
            return Err(LoadError::Refused(shown(&reason)));
        }
        // SAFETY: a table that is returned is static and immutable; `size`, its first field, is checked before the rest.
        let table = unsafe { check(table) }?;
        Ok(Self {
            table: Arc::new(table),
        })
    }
}

/// A plugin's own words, fit for one line of a log.
fn shown(reason: &[u8]) -> String {
    let text = String::from_utf8_lossy(reason);
    let line = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    line.take(MAX_REASON).collect()
}

fn symbol(path: &Path) -> Result<Entry, LoadError> {
    let no_library = |error: libloading::Error| {
        // The cause is what the loader says; it begins with the path, which need not be the file that people know.
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        let cause = cause.unwrap_or_else(|| error.to_string());
        LoadError::NoLibrary(cause.replace(&format!("{}: ", path.display()), ""))
    };
    #[cfg(unix)]
    // SAFETY: loading runs foreign code, which is what the operator put the file there for. Names are resolved now
    // rather than at the first call, and are not lent to libraries that are loaded later.
    let library: libloading::Library = unsafe {
        use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
        Library::open(Some(path), RTLD_NOW | RTLD_LOCAL).map(Into::into)
    }
    .map_err(no_library)?;
    #[cfg(not(unix))]
    // SAFETY: as above.
    let library = unsafe { libloading::Library::new(path) }.map_err(no_library)?;
    // SAFETY: the header gives the symbol this type.
    let entry = unsafe { library.get::<Entry>(ENTRY_SYMBOL) };
    let entry = *entry.map_err(|_| LoadError::NoSymbol)?;
    // Rule R6: a library stays loaded until the process ends.
    std::mem::forget(library);
    Ok(entry)
}

/// # Safety
/// A pointer that is not NULL and not misaligned points to a table of as many bytes as its `size` says.
unsafe fn check(table: *const PluginV1) -> Result<Table, LoadError> {
    if table.is_null() {
        return Err(LoadError::NoTable);
    }
    if !table.is_aligned() {
        return Err(LoadError::Misaligned);
    }
    // SAFETY: by contract the table begins with its size.
    let found = unsafe { (&raw const (*table).size).read() };
    if found > MAX_TABLE {
        return Err(LoadError::HugeTable(found));
    }
    // `extension` may be NULL or, for a table that ends before it, absent.
    let expected = offset_of!(PluginV1, extension);
    if (found as usize) < expected {
        return Err(LoadError::ShortTable { found, expected });
    }
    // SAFETY: the fields up to `extension` lie within the size that was just checked.
    let (describe, open, resume, close) = unsafe {
        (
            (&raw const (*table).describe).read(),
            (&raw const (*table).open).read(),
            (&raw const (*table).resume).read(),
            (&raw const (*table).close).read(),
        )
    };
    Ok(Table {
        describe: describe.ok_or(LoadError::NoFunction("describe"))?,
        open: open.ok_or(LoadError::NoFunction("open"))?,
        resume: resume.ok_or(LoadError::NoFunction("resume"))?,
        close: close.ok_or(LoadError::NoFunction("close"))?,
    })
}

/// What this host can do.
pub(crate) fn host_info() -> HostInfo {
    HostInfo {
        name: "jackfield".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        features: vec![
            feature::EFFECTS_V1.into(),
            feature::OPERATIONS_V1.into(),
            feature::SECRET_REVEAL_V1.into(),
        ],
        limits: Limits::default(),
    }
}

/// What the host tells about itself, made once and kept: plugins may hold on to it.
fn host() -> *const HostV1 {
    struct Shared(*const HostV1);
    // SAFETY: what it points to is never changed and never freed.
    unsafe impl Send for Shared {}
    // SAFETY: as above.
    unsafe impl Sync for Shared {}
    static HOST: std::sync::OnceLock<Shared> = std::sync::OnceLock::new();
    let make = || {
        let info = serde_json::to_vec(&host_info()).unwrap_or_default();
        let info = CString::new(info).unwrap_or_default();
        let info_json: *const c_char = info.into_raw();
        let host = Box::new(HostV1 {
            size: size_of::<HostV1>() as u32,
            minor: MINOR,
            info_json,
        });
        Shared(Box::into_raw(host))
    };
    HOST.get_or_init(make).0
}
