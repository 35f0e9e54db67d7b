//! A plugin in Rust without the SDK: returns its input, and panics when told to.

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
    open: extern "C" fn(*const u8, usize, &mut *mut String) -> i32,
    resume: extern "C" fn(&mut String, *const u8, usize, &Out) -> i32,
    close: extern "C" fn(*mut String),
    extension: Option<extern "C" fn(*const i8) -> *const c_void>,
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
        r#"{"name":"echo","version":"2.1.0","nodes":[{"type":"echo","name":"Echo","category":"test",
        "inputs":[{"name":"data-in"}],"outputs":[{"name":"data-out"}],"configSchema":{}}]}"#,
    )
}

extern "C" fn open(call: *const u8, len: usize, instance: &mut *mut String) -> i32 {
    let call = unsafe { std::slice::from_raw_parts(call, len) };
    let json = String::from_utf8_lossy(&call[8..]).into_owned();
    *instance = Box::into_raw(Box::new(json));
    0
}

extern "C" fn resume(call: &mut String, _: *const u8, _: usize, out: &Out) -> i32 {
    // A panic that reaches the boundary aborts: what a careless author ships.
    assert!(!call.contains("panic!"), "told to");
    let input = call.split("\"input\":").nth(1).unwrap_or("null");
    let input = input.split(",\"attempt\"").next().unwrap_or("null");
    frame(
        out,
        &format!(r#"{{"result":{{"port":"data-out","output":{input}}}}}"#),
    )
}

extern "C" fn close(call: *mut String) {
    drop(unsafe { Box::from_raw(call) });
}

#[unsafe(no_mangle)]
pub extern "C" fn jackfield_plugin_entry_v1(_: *const c_void, _: &Out) -> &'static Table {
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
