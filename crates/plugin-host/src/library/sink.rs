use std::ffi::c_void;

use bytes::Bytes;
use jackfield_plugin_abi::{Out, Status};

use crate::transport::{Fault, Reply};

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
        call(&raw const out)
    }
}

unsafe extern "C" fn write(ctx: *mut c_void, bytes: *const c_void, len: usize) -> i32 {
    if ctx.is_null() || (bytes.is_null() && len > 0) {
        return -1;
    }
    // SAFETY: `ctx` is the sink of the running call, which is borrowed mutably for it; rule R5 has the plugin call only
    // from the thread that it was called on, before it returns.
    let sink = unsafe { &mut *ctx.cast::<Sink>() };
    if len > sink.cap.saturating_sub(sink.bytes.len()) {
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
pub(crate) fn verdict(status: Status, sink: Sink, function: &str) -> Result<Reply, Fault> {
    let cap = sink.cap;
    let (bytes, refused) = sink.into_parts();
    judge(status, Bytes::from(bytes), refused, cap, function)
}

pub(crate) fn judge(
    status: Status,
    frame: Bytes,
    refused: bool,
    cap: usize,
    function: &str,
) -> Result<Reply, Fault> {
    if refused || status == Status::LIMIT {
        return Err(Fault::TooMuch(format!(
            "{function} wrote more than {cap} bytes"
        )));
    }
    let reason = match status {
        Status::DONE => return Ok(Reply { done: true, frame }),
        Status::PENDING => return Ok(Reply { done: false, frame }),
        Status::PANIC => "panicked".to_owned(),
        Status::MALFORMED => "was refused as malformed".to_owned(),
        Status::NO_MEMORY => "ran out of memory".to_owned(),
        Status(other) => format!("returned {other}, which is no status"),
    };
    Err(Fault::Misbehaved(format!("{function} {reason}")))
}
