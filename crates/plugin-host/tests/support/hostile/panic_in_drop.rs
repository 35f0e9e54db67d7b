//! A plugin in Rust whose node panics while it is dropped, in `close`, where nobody may unwind.

use std::ffi::c_void;

#[repr(C)]
pub struct Out {
    size: u32,
    reserved: u32,
    ctx: *mut c_void,
    write: extern "C" fn(*mut c_void, *const u8, usize) -> i32,
}

#[repr(C)]
pub struct Table {
    size: u32,
    minor: u32,
    describe: extern "C" fn(*const u8, usize, &Out) -> i32,
    open: extern "C" fn(*const u8, usize, &mut *mut Node) -> i32,
    resume: extern "C" fn(&mut Node, *const u8, usize, &Out) -> i32,
    close: extern "C" fn(*mut Node),
    extension: Option<extern "C" fn(*const i8) -> *const c_void>,
}

pub struct Node;

impl Drop for Node {
    fn drop(&mut self) {
        panic!("in drop");
    }
}

fn frame(out: &Out, json: &str) -> i32 {
    let mut bytes = (json.len() as u32).to_le_bytes().to_vec();
    bytes.extend([0; 4]);
    bytes.extend(json.as_bytes());
    match (out.write)(out.ctx, bytes.as_ptr(), bytes.len()) {
        0 => 0,
        _ => -3,
    }
}

extern "C" fn describe(_: *const u8, _: usize, out: &Out) -> i32 {
    frame(
        out,
        r#"{"name":"panic_in_drop","version":"1.0.0","nodes":[{"type":"panic_in_drop","name":"Harm","category":"test",
        "inputs":[{"name":"data-in"}],"outputs":[{"name":"data-out"}],"configSchema":{}}]}"#,
    )
}

extern "C" fn open(_: *const u8, _: usize, instance: &mut *mut Node) -> i32 {
    *instance = Box::into_raw(Box::new(Node));
    0
}

extern "C" fn resume(_: &mut Node, _: *const u8, _: usize, out: &Out) -> i32 {
    frame(out, r#"{"result":{"port":"data-out","output":"it worked"}}"#)
}

extern "C" fn close(node: *mut Node) {
    drop(unsafe { Box::from_raw(node) });
}

#[unsafe(no_mangle)]
pub extern "C" fn jackfield_plugin_entry_v1(_: *const c_void, _: &Out) -> &'static Table {
    // Not a word in the log, where tests look for panics of the server.
    std::panic::set_hook(Box::new(|_| {}));
    static TABLE: Table = Table {
        size: size_of::<Table>() as u32,
        minor: 0,
        describe,
        open,
        resume,
        close,
        extension: None,
    };
    &TABLE
}
