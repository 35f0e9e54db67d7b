use std::cell::Cell;
use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use jackfield_plugin_abi::{Out, Status};

use crate::transport::{Fault, Reply};

/// Not a status that a plugin may return: it went on after the sink had refused.
pub(crate) const DEAF: Status = Status(i32::MIN + 2);
/// The same: it wrote to a sink that was not lent to it.
pub(crate) const STRAY: Status = Status(i32::MIN + 3);

thread_local! {
    /// The sink that is lent out on this thread.
    static LENT: Cell<*const Sink> = const { Cell::new(std::ptr::null()) };
}

/// Whether something was written to a sink that was not lent out.
static STRAYED: AtomicBool = AtomicBool::new(false);

/// Whether the plugin of this process wrote to a sink from a thread that it was not lent to, or after it had returned,
/// since the last time that somebody asked.
pub(crate) fn strayed() -> bool {
    STRAYED.swap(false, Ordering::Relaxed)
}

/// Takes what a plugin writes, up to a cap.
pub(crate) struct Sink {
    bytes: Vec<u8>,
    cap: usize,
    refused: bool,
}

impl Sink {
    /// A sink for one frame of at most `cap` bytes.
    pub(crate) fn new(cap: usize) -> Self {
        Self::onto(Vec::new(), cap)
    }

    /// A sink that writes behind what `bytes` already holds.
    pub(crate) fn onto(bytes: Vec<u8>, cap: usize) -> Self {
        let cap = bytes.len() + cap;
        Self {
            bytes,
            cap,
            refused: false,
        }
    }

    /// What was written, and whether something was refused.
    pub(crate) fn into_parts(self) -> (Vec<u8>, bool) {
        (self.bytes, self.refused)
    }

    /// Lends the sink to a plugin for the length of one call.
    pub(super) fn lend<T>(&mut self, call: impl FnOnce(*const Out) -> T) -> T {
        let out = Out {
            size: size_of::<Out>() as u32,
            reserved: 0,
            ctx: std::ptr::from_mut(self).cast(),
            write: Some(write),
        };
        LENT.set(std::ptr::from_mut(self));
        let returned = call(&raw const out);
        LENT.set(std::ptr::null());
        returned
    }
}

unsafe extern "C" fn write(ctx: *mut c_void, bytes: *const c_void, len: usize) -> i32 {
    if ctx.is_null() || (bytes.is_null() && len > 0) {
        return -1;
    }
    // Rule R5: a plugin writes only from the thread that it was called on, before it returns.
    if LENT.get() != ctx.cast_const().cast() {
        STRAYED.store(true, Ordering::Relaxed);
        return -1;
    }
    // SAFETY: `ctx` is the sink of the call that runs on this thread, which is borrowed mutably for it.
    let sink = unsafe { &mut *ctx.cast::<Sink>() };
    if len > sink.cap.saturating_sub(sink.bytes.len()) {
        sink.refused = true;
        return -1;
    }
    if sink.bytes.try_reserve(len).is_err() {
        sink.refused = true;
        return -1;
    }
    if len > 0 {
        // SAFETY: rule R2: the plugin lends `len` readable bytes until this function returns.
        let bytes = unsafe { std::slice::from_raw_parts(bytes.cast::<u8>(), len) };
        sink.bytes.extend_from_slice(bytes);
    }
    0
}

/// Judges how a function of a plugin ended.
pub(crate) fn verdict(status: Status, sink: Sink, function: &'static str) -> Result<Reply, Fault> {
    let cap = sink.cap;
    let (bytes, refused) = sink.into_parts();
    judge(heard(status, refused), Bytes::from(bytes), cap, function)
}

/// What a function really said when its output was refused.
pub(crate) fn heard(status: Status, refused: bool) -> Status {
    match (refused, status) {
        (false, _) => status,
        (true, Status::DONE | Status::PENDING) => DEAF,
        (true, _) => Status::LIMIT,
    }
}

pub(crate) fn judge(
    status: Status,
    frame: Bytes,
    cap: usize,
    function: &'static str,
) -> Result<Reply, Fault> {
    match status {
        Status::DONE => Ok(Reply { done: true, frame }),
        Status::PENDING => Ok(Reply { done: false, frame }),
        Status::LIMIT => Err(Fault::TooMuch(format!(
            "{function} wrote more than {cap} bytes"
        ))),
        DEAF => Err(Fault::Deaf(format!(
            "{function} wrote more than {cap} bytes and did not stop when it was refused (JF_E_LIMIT)"
        ))),
        STRAY => Err(Fault::Misbehaved(format!(
            "{function} found that the plugin had written to the host from another thread or after it had returned (rule R5)"
        ))),
        status => Err(Fault::Failed { function, status }),
    }
}
