//! Calls the function table of a binary itself, for what a host does seldom or never.
#![expect(unsafe_code, reason = "it stands on the other side of the C boundary")]

use std::ffi::{CString, c_void};
use std::path::Path;
use std::ptr::{null, null_mut};

use jackfield_plugin_abi::frame::{Caps, Frame, encode};
use jackfield_plugin_abi::layout::Entry;
use jackfield_plugin_abi::{ENTRY_SYMBOL, HostV1, Instance, MINOR, Out, PluginV1, Status};
use serde_json::{Value, json};

/// The function table of a plugin.
pub struct Table(*const PluginV1);

impl Table {
    /// Loads a file and enters it as a host with these features would; the error is the plugin's reason.
    pub fn load(file: &Path, features: &[&str]) -> Result<Self, String> {
        let info = json!({"name": "test", "version": "0.0.0", "features": features});
        // The host's description lives as long as the process, and so does the library.
        let host = Box::leak(Box::new(HostV1 {
            size: size_of::<HostV1>() as u32,
            minor: MINOR,
            info_json: CString::new(info.to_string()).unwrap().into_raw(),
        }));
        // SAFETY: the file is one of the fixtures, and the header gives the symbol this type.
        let entry: Entry = unsafe {
            let library = Box::leak(Box::new(libloading::Library::new(file).unwrap()));
            *library.get::<Entry>(ENTRY_SYMBOL).unwrap()
        };
        let (table, reason) = written(|out| {
            // SAFETY: both structs are as the header says.
            unsafe { entry(host, out) }
        });
        match table.is_null() {
            true => Err(String::from_utf8(reason).unwrap()),
            false => Ok(Self(table)),
        }
    }

    /// Opens a call and resumes it once with each frame of events; returns each status and what was written.
    pub fn talk(&self, call: &Value, events: &[Value]) -> Vec<(Status, Value)> {
        // SAFETY: `load` was given the table by the plugin, which never takes it back.
        let table = unsafe { &*self.0 };
        let call = encode(call, &[]).unwrap();
        let mut instance: *mut Instance = null_mut();
        // SAFETY: a frame, and a place for the instance.
        let opened = unsafe { table.open.unwrap()(bytes(&call), call.len(), &raw mut instance) };
        assert_eq!(opened, Status::DONE);
        let first = std::iter::once(Vec::new());
        let later = events.iter().map(|events| encode(events, &[]).unwrap());
        let turns = first.chain(later).map(|events| {
            let (status, frame) = written(|out| {
                // SAFETY: the instance is open and used by this thread alone.
                unsafe { table.resume.unwrap()(instance, bytes(&events), events.len(), out) }
            });
            let frame = Frame::decode(&frame, Caps::default()).unwrap();
            (status, frame.parse().unwrap())
        });
        let turns = turns.collect();
        // SAFETY: it is closed once and not used after.
        unsafe { table.close.unwrap()(instance) };
        turns
    }
}

fn bytes(frame: &[u8]) -> *const c_void {
    if frame.is_empty() {
        null()
    } else {
        frame.as_ptr().cast()
    }
}

fn written<T>(call: impl FnOnce(*const Out) -> T) -> (T, Vec<u8>) {
    let mut written: Vec<u8> = Vec::new();
    let out = Out {
        size: size_of::<Out>() as u32,
        reserved: 0,
        ctx: (&raw mut written).cast(),
        write: Some(append),
    };
    let value = call(&raw const out);
    (value, written)
}

unsafe extern "C" fn append(ctx: *mut c_void, bytes: *const c_void, len: usize) -> i32 {
    if len > 0 {
        // SAFETY: `ctx` is the vector of `written`, and the plugin lends `len` bytes.
        let (to, from) = unsafe {
            let from = std::slice::from_raw_parts(bytes.cast::<u8>(), len);
            (&mut *ctx.cast::<Vec<u8>>(), from)
        };
        to.extend_from_slice(from);
    }
    0
}
