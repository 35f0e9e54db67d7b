//! What it takes to read the manifest of a plugin: from asking a library that is loaded to the parsed manifest, by the function of
//! the ABI that the host calls, in this process. One JSON line for each plugin of the layout of `cargo xtask dist` that
//! `JACKFIELD_DIST` names, then one for the slowest.
//!
//! A host asks once after it has loaded a library, so each time is that of a first question: every one is put to a copy of its own,
//! which the loader takes for another library.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that meets an error has failed"
)]

use std::ffi::{CString, c_void};
use std::fs;
use std::mem::offset_of;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jackfield_plugin_abi::frame::{Caps, Frame};
use jackfield_plugin_abi::layout::Entry;
use jackfield_plugin_abi::messages::{HostInfo, Limits, Manifest, feature};
use jackfield_plugin_abi::{ENTRY_SYMBOL, HostV1, MINOR, Out, PluginV1, Status};
use serde_json::json;

/// How often each plugin is asked for the first time.
const COPIES: usize = 21;

fn main() {
    let dist = std::env::var_os("JACKFIELD_DIST");
    let dist = dist.expect("JACKFIELD_DIST is what `cargo xtask dist` prints");
    let host = host();
    let mut slowest = None;
    for library in libraries(&Path::new(&dist).join("plugins")) {
        let (name, mut times, bytes) = first_questions(&library, host);
        times.sort_unstable();
        let (p50, worst) = (times[COPIES / 2], times[COPIES - 1]);
        let figure = json!({"bench": "manifest", "figure": "manifest", "plugin": name, "p50_us": micros(p50),
            "max_us": micros(worst), "manifest_bytes": bytes, "library_bytes": fs::metadata(&library).unwrap().len()});
        println!("{figure}");
        slowest = slowest.max(Some((p50, name)));
    }
    let (p50, name) = slowest.expect("JACKFIELD_DIST holds plugins");
    let figure = json!({"bench": "manifest", "figure": "slowest manifest", "plugin": name, "p50_us": micros(p50), "target_us": 1000});
    println!("{figure}");
}

/// The libraries of a directory that holds a folder for each plugin.
fn libraries(plugins: &Path) -> Vec<PathBuf> {
    let folders = fs::read_dir(plugins).unwrap().map(|entry| entry.unwrap());
    let folders = folders.filter(|entry| entry.file_type().unwrap().is_dir());
    let files = folders.flat_map(|folder| fs::read_dir(folder.path()).unwrap());
    let mut libraries: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    libraries.retain(|file| {
        file.extension()
            .is_some_and(|end| end == std::env::consts::DLL_EXTENSION)
    });
    libraries.sort();
    libraries
}

/// The plugin's name, how long it took each time, and the length of the frame.
fn first_questions(library: &Path, host: *const HostV1) -> (String, Vec<Duration>, usize) {
    let dir = tempfile::tempdir().unwrap();
    let mut times = Vec::with_capacity(COPIES);
    let (mut name, mut bytes) = (String::new(), 0);
    for number in 0..COPIES {
        let copy = dir.path().join(number.to_string());
        fs::copy(library, &copy).unwrap();
        let describe = load(&copy, host);
        let asked = Instant::now();
        let frame = ask(describe);
        let manifest: Manifest = Frame::decode(&frame, Caps::default())
            .unwrap()
            .parse()
            .unwrap();
        times.push(asked.elapsed());
        (name, bytes) = (manifest.name, frame.len());
    }
    (name, times, bytes)
}

type Describe = unsafe extern "C" fn(*const c_void, usize, *const Out) -> Status;

fn load(path: &Path, host: *const HostV1) -> Describe {
    let out = Out {
        size: size_of::<Out>() as u32,
        reserved: 0,
        ctx: std::ptr::null_mut(),
        write: Some(refuse),
    };
    // SAFETY: loading runs the constructors of a plugin of ours.
    let library = unsafe { libloading::Library::new(path) }.unwrap();
    // SAFETY: the header gives the symbol this type.
    let entry = *unsafe { library.get::<Entry>(ENTRY_SYMBOL) }.unwrap();
    // A library stays loaded until the process ends.
    std::mem::forget(library);
    // SAFETY: `host` lives as long as this process, and `out` during the call.
    let table = unsafe { entry(host, &raw const out) };
    assert!(!table.is_null(), "{} refuses this host", path.display());
    // SAFETY: a table that is returned is static and begins with its size, which says that it has the function.
    unsafe {
        assert!((*table).size as usize > offset_of!(PluginV1, describe));
        (*table).describe.unwrap()
    }
}

fn ask(describe: Describe) -> Vec<u8> {
    let mut frame = Vec::new();
    let out = Out {
        size: size_of::<Out>() as u32,
        reserved: 0,
        ctx: (&raw mut frame).cast(),
        write: Some(append),
    };
    // SAFETY: an empty query may be NULL; the sink lives during the call.
    let status = unsafe { describe(std::ptr::null(), 0, &raw const out) };
    assert_eq!(status, Status::DONE);
    frame
}

unsafe extern "C" fn append(ctx: *mut c_void, bytes: *const c_void, len: usize) -> i32 {
    // SAFETY: `ctx` is the buffer of the call that runs, and the plugin lends `len` bytes.
    unsafe {
        let frame = &mut *ctx.cast::<Vec<u8>>();
        frame.extend_from_slice(std::slice::from_raw_parts(bytes.cast(), len));
    }
    0
}

unsafe extern "C" fn refuse(_: *mut c_void, _: *const c_void, _: usize) -> i32 {
    -1
}

/// What plugins are told of this host; they may hold on to it.
fn host() -> *const HostV1 {
    let info = HostInfo {
        name: "jackfield".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        features: [
            feature::EFFECTS_V1,
            feature::OPERATIONS_V1,
            feature::SECRET_REVEAL_V1,
        ]
        .map(Into::into)
        .into(),
        limits: Limits::default(),
    };
    let info = CString::new(serde_json::to_vec(&info).unwrap()).unwrap();
    Box::leak(Box::new(HostV1 {
        size: size_of::<HostV1>() as u32,
        minor: MINOR,
        info_json: info.into_raw(),
    }))
}

fn micros(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e7).round() / 10.0
}
