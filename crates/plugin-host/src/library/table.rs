use std::ffi::c_void;
use std::ptr::NonNull;
use std::sync::Arc;

use jackfield_plugin_abi::{Instance as RawInstance, Out, Status};

use super::sink::Sink;

pub(super) type Describe = unsafe extern "C" fn(*const c_void, usize, *const Out) -> Status;
pub(super) type Open = unsafe extern "C" fn(*const c_void, usize, *mut *mut RawInstance) -> Status;
pub(super) type Resume =
    unsafe extern "C" fn(*mut RawInstance, *const c_void, usize, *const Out) -> Status;
pub(super) type Close = unsafe extern "C" fn(*mut RawInstance);

/// The functions of a plugin, all there.
#[derive(Clone, Copy)]
pub(super) struct Table {
    pub(super) describe: Describe,
    pub(super) open: Open,
    pub(super) resume: Resume,
    pub(super) close: Close,
}

/// A loaded plugin. Cheap to clone; the library itself is never unloaded (rule R6).
#[derive(Clone)]
pub(crate) struct Library {
    pub(super) table: Arc<Table>,
}

impl Library {
    /// Asks for the whole manifest.
    pub(crate) fn describe(&self, sink: &mut Sink) -> Status {
        // SAFETY: the function comes from a checked table of a library that stays loaded; an empty query may be NULL.
        sink.lend(|out| unsafe { (self.table.describe)(std::ptr::null(), 0, out) })
    }

    /// Begins a call.
    pub(crate) fn open(&self, call: &[u8]) -> Result<Instance, Status> {
        let mut raw = std::ptr::null_mut();
        // SAFETY: as above; the plugin copies what it needs of the call before it returns (rule R2).
        let status = unsafe { (self.table.open)(call.as_ptr().cast(), call.len(), &raw mut raw) };
        match NonNull::new(raw) {
            Some(raw) if status == Status::DONE => Ok(Instance {
                raw,
                table: self.table.clone(),
            }),
            _ => Err(status),
        }
    }
}

/// One call of a plugin, closed when dropped.
pub(crate) struct Instance {
    raw: NonNull<RawInstance>,
    table: Arc<Table>,
}

// SAFETY: rule R4: an instance is used by one call at a time, which `&mut` and ownership ensure here, but on any thread.
unsafe impl Send for Instance {}
// SAFETY: nothing can be done with a shared reference to an instance.
unsafe impl Sync for Instance {}

impl Instance {
    /// Runs the call to its next stop.
    pub(crate) fn resume(&mut self, events: &[u8], sink: &mut Sink) -> Status {
        // SAFETY: the instance is open, `&mut` keeps every other call away, and events and sink outlive the call.
        sink.lend(|out| unsafe {
            (self.table.resume)(self.raw.as_ptr(), events.as_ptr().cast(), events.len(), out)
        })
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // SAFETY: this is the one place that closes, and the pointer is not used after it.
        unsafe { (self.table.close)(self.raw.as_ptr()) }
    }
}
