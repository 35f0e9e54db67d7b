//! The types of `jackfield_plugin.h`, field by field. The header documents ownership and threads; it is not repeated here.

use core::ffi::{c_char, c_void};

/// The minor version of the header that this crate mirrors.
pub const MINOR: u32 = 0;

/// The only symbol that a plugin exports, NUL-terminated as a loader wants it.
pub const ENTRY_SYMBOL: &[u8] = b"jackfield_plugin_entry_v1\0";

/// The type of [`ENTRY_SYMBOL`].
pub type Entry = unsafe extern "C" fn(host: *const HostV1, out: *const Out) -> *const PluginV1;

/// `jf_status`: what every function of a plugin returns. Values that are not named here mean [`Status::MALFORMED`].
#[repr(transparent)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status(pub i32);

impl Status {
    /// It worked; of `resume`: the frame written holds the result.
    pub const DONE: Self = Self(0);
    /// Of `resume` only: at least one effect is outstanding.
    pub const PENDING: Self = Self(1);
    /// A panic was caught; only `close` may follow.
    pub const PANIC: Self = Self(-1);
    /// The peer sent a bad frame or broke the order of calls.
    pub const MALFORMED: Self = Self(-2);
    /// The sink refused.
    pub const LIMIT: Self = Self(-3);
    /// Memory ran out.
    pub const NO_MEMORY: Self = Self(-4);
}

/// `jf_out`: the host's byte sink.
#[repr(C)]
pub struct Out {
    /// `size_of::<Out>()` of the host.
    pub size: u32,
    /// 0.
    pub reserved: u32,
    /// The host's own pointer, handed back unchanged.
    pub ctx: *mut c_void,
    /// Appends bytes; anything but 0 means that a limit was reached.
    pub write:
        Option<unsafe extern "C" fn(ctx: *mut c_void, bytes: *const c_void, len: usize) -> i32>,
}

/// `jf_host_v1`: what the host tells about itself.
#[repr(C)]
pub struct HostV1 {
    /// `size_of::<HostV1>()` of the host.
    pub size: u32,
    /// [`MINOR`] of the host.
    pub minor: u32,
    /// NUL-terminated JSON, a [`HostInfo`](crate::messages::HostInfo).
    pub info_json: *const c_char,
}

/// `jf_instance`: one call, opaque to the host.
#[repr(C)]
pub struct Instance {
    _opaque: [u8; 0],
    _not_send: core::marker::PhantomData<*mut ()>,
}

/// `jf_plugin_v1`: the function table of a plugin, frozen. Entries are optional here because a host has to look before it calls.
#[repr(C)]
pub struct PluginV1 {
    /// `size_of::<PluginV1>()` of the plugin.
    pub size: u32,
    /// [`MINOR`] of the plugin.
    pub minor: u32,
    /// Writes the manifest.
    pub describe:
        Option<unsafe extern "C" fn(query: *const c_void, len: usize, out: *const Out) -> Status>,
    /// Begins a call.
    pub open: Option<
        unsafe extern "C" fn(
            call: *const c_void,
            len: usize,
            instance: *mut *mut Instance,
        ) -> Status,
    >,
    /// Runs a call until it finishes or needs the host.
    pub resume: Option<
        unsafe extern "C" fn(
            instance: *mut Instance,
            events: *const c_void,
            len: usize,
            out: *const Out,
        ) -> Status,
    >,
    /// Ends a call.
    pub close: Option<unsafe extern "C" fn(instance: *mut Instance)>,
    /// Looks up an optional function table.
    pub extension: Option<unsafe extern "C" fn(id: *const c_char) -> *const c_void>,
}
