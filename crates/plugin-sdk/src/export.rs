//! What [`export!`](crate::export!) emits: the entry symbol and the function table. Nothing here is for authors.
#![expect(unsafe_code, reason = "this is the plugin's side of the C boundary")]

use std::cell::RefCell;
use std::ffi::{CStr, c_void};
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::slice;

use jackfield_plugin_abi::frame::FrameHeader;
use jackfield_plugin_abi::messages::HostInfo;
pub use jackfield_plugin_abi::{HostV1, Instance, Out, PluginV1};
use jackfield_plugin_abi::{MINOR, Status};

use crate::Plugin;
use crate::call::Coroutine;

/// Exports a [`Plugin`] as this library's one symbol, `jackfield_plugin_entry_v1`. The expression is evaluated once.
///
/// ```
/// # use jackfield_plugin_sdk::Plugin;
/// jackfield_plugin_sdk::export!(Plugin::new("example", env!("CARGO_PKG_VERSION")));
/// ```
#[macro_export]
macro_rules! export {
    ($plugin:expr) => {
        const _: () = {
            struct Exported;

            impl $crate::export::Exported for Exported {
                fn plugin() -> &'static $crate::Plugin {
                    static PLUGIN: ::std::sync::OnceLock<$crate::Plugin> =
                        ::std::sync::OnceLock::new();
                    PLUGIN.get_or_init(|| $plugin)
                }
            }

            #[unsafe(no_mangle)]
            unsafe extern "C" fn jackfield_plugin_entry_v1(
                host: *const $crate::export::HostV1,
                out: *const $crate::export::Out,
            ) -> *const $crate::export::PluginV1 {
                // SAFETY: the host keeps the rules of jackfield_plugin.h.
                unsafe { $crate::export::entry::<Exported>(host, out) }
            }
        };
    };
}

/// Gives the function table its plugin.
pub trait Exported: 'static {
    /// The plugin, made when it is first asked for.
    fn plugin() -> &'static Plugin;
}

struct Table<P>(PhantomData<P>);

impl<P: Exported> Table<P> {
    const TABLE: &'static PluginV1 = &PluginV1 {
        size: size_of::<PluginV1>() as u32,
        minor: MINOR,
        describe: Some(describe::<P>),
        open: Some(open::<P>),
        resume: Some(resume),
        close: Some(close),
        extension: None,
    };
}

/// The body of the entry symbol.
///
/// # Safety
/// As `jackfield_plugin.h` says of `jackfield_plugin_entry_v1`.
pub unsafe fn entry<P: Exported>(host: *const HostV1, out: *const Out) -> *const PluginV1 {
    std::panic::set_hook(Box::new(remember_panic));
    let accepted = catch_unwind(|| {
        // SAFETY: by this function's contract.
        let info = unsafe { host_info(host) }?;
        check_features(P::plugin(), &info)
    });
    let refusal = match accepted {
        Ok(Ok(())) => return Table::<P>::TABLE,
        Ok(Err(refusal)) => refusal,
        Err(_) => "The plugin panicked while it was set up.".to_owned(),
    };
    // SAFETY: by this function's contract. A host that refuses the text as well learns only that it was refused.
    let _ = unsafe { write(out, &[refusal.as_bytes()]) };
    std::ptr::null()
}

/// # Safety
/// `host` is null or a `jf_host_v1`.
unsafe fn host_info(host: *const HostV1) -> Result<HostInfo, String> {
    // SAFETY: `size` is the first field of every version of the struct.
    if host.is_null() || (unsafe { (*host).size } as usize) < size_of::<HostV1>() {
        return Err("The host did not say what it is.".to_owned());
    }
    // SAFETY: the size says that the field is there.
    let info = unsafe { (*host).info_json };
    if info.is_null() {
        return Err("The host did not say what it is.".to_owned());
    }
    // SAFETY: NUL-terminated, by the ABI.
    let info = unsafe { CStr::from_ptr(info) };
    serde_json::from_slice(info.to_bytes())
        .map_err(|error| format!("The host does not say what it is: {error}."))
}

fn check_features(plugin: &Plugin, host: &HostInfo) -> Result<(), String> {
    let required = plugin.manifest().requires.iter();
    let missing: Vec<&str> = required
        .filter(|feature| !host.features.contains(feature))
        .map(String::as_str)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(format!(
        "The plugin requires {}, which {} {} does not have.",
        missing.join(", "),
        host.name,
        host.version
    ))
}

unsafe extern "C" fn describe<P: Exported>(
    _query: *const c_void,
    _len: usize,
    out: *const Out,
) -> Status {
    guarded(|| {
        let Ok(json) = serde_json::to_vec(P::plugin().manifest()) else {
            return Status::MALFORMED;
        };
        // SAFETY: `out` is the host's, by the ABI.
        unsafe { write_frame(out, &json, &[]) }
    })
}

unsafe extern "C" fn open<P: Exported>(
    call: *const c_void,
    len: usize,
    instance: *mut *mut Instance,
) -> Status {
    guarded(|| {
        // SAFETY: borrowed until this function returns, by the ABI.
        let call = unsafe { bytes(call, len) };
        match Coroutine::open(P::plugin(), call) {
            Ok(coroutine) if !instance.is_null() => {
                // SAFETY: not null, and the host's to be written to.
                unsafe { instance.write(Box::into_raw(Box::new(coroutine)).cast()) };
                Status::DONE
            }
            _ => Status::MALFORMED,
        }
    })
}

unsafe extern "C" fn resume(
    instance: *mut Instance,
    events: *const c_void,
    len: usize,
    out: *const Out,
) -> Status {
    guarded(|| {
        // SAFETY: from `open`, not closed, and used by one call at a time, by the ABI.
        let Some(coroutine) = (unsafe { instance.cast::<Coroutine>().as_mut() }) else {
            return Status::MALFORMED;
        };
        // SAFETY: borrowed until this function returns, by the ABI.
        let Ok(resumed) = coroutine.resume(unsafe { bytes(events, len) }) else {
            return Status::MALFORMED;
        };
        let Ok(json) = serde_json::to_vec(&resumed.turn) else {
            return Status::MALFORMED;
        };
        // SAFETY: `out` is the host's, by the ABI.
        match unsafe { write_frame(out, &json, resumed.attachments.bytes()) } {
            Status::DONE => resumed.status,
            failed => failed,
        }
    })
}

unsafe extern "C" fn close(instance: *mut Instance) {
    guarded(|| {
        if !instance.is_null() {
            // SAFETY: from `open`, and given up by the host, by the ABI.
            drop(unsafe { Box::from_raw(instance.cast::<Coroutine>()) });
        }
        Status::DONE
    });
}

fn guarded(body: impl FnOnce() -> Status) -> Status {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or(Status::PANIC)
}

/// # Safety
/// `len` bytes can be read at `pointer` for `'a`, or `len` is 0.
unsafe fn bytes<'a>(pointer: *const c_void, len: usize) -> &'a [u8] {
    if len == 0 || pointer.is_null() {
        return &[];
    }
    // SAFETY: by this function's contract.
    unsafe { slice::from_raw_parts(pointer.cast(), len) }
}

/// # Safety
/// `out` is null or the host's sink.
unsafe fn write_frame(out: *const Out, json: &[u8], bin: &[u8]) -> Status {
    match FrameHeader::of(json, bin) {
        // SAFETY: by this function's contract.
        Ok(header) => unsafe { write(out, &[&header.encode(), json, bin]) },
        Err(_) => Status::LIMIT,
    }
}

/// # Safety
/// `out` is null or the host's sink.
unsafe fn write(out: *const Out, pieces: &[&[u8]]) -> Status {
    // SAFETY: by this function's contract.
    let Some((ctx, Some(write))) = (unsafe { out.as_ref() }).map(|out| (out.ctx, out.write)) else {
        return Status::MALFORMED;
    };
    for piece in pieces.iter().filter(|piece| !piece.is_empty()) {
        // SAFETY: the sink copies `len` bytes before it returns, by the ABI.
        if unsafe { write(ctx, piece.as_ptr().cast(), piece.len()) } != 0 {
            return Status::LIMIT;
        }
    }
    Status::DONE
}

thread_local! {
    static LAST_PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// The panic hook of a plugin: keeps the place for the message, and leaves the host's standard error alone.
fn remember_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    LAST_PANIC.with(|last| *last.borrow_mut() = place);
}

/// Where the panic was that was just caught on this thread, in a loaded plugin.
pub(crate) fn last_panic_location() -> Option<String> {
    LAST_PANIC.with(|last| last.borrow_mut().take())
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_abi::frame::{Caps, Frame, encode};
    use jackfield_plugin_abi::messages::{Manifest, Turn};
    use serde_json::json;

    use super::*;
    use crate::prelude::*;

    /// Answers at once.
    #[derive(Deserialize, JsonSchema)]
    struct Hello {}

    impl Node for Hello {
        const TYPE: &'static str = "hello";
        type Output = Output;

        fn about() -> About {
            About::new("Hello")
        }

        async fn run(self, _context: Context) -> Result<Output> {
            Ok(Output::data("hello"))
        }
    }

    struct Greeter;

    impl Exported for Greeter {
        fn plugin() -> &'static Plugin {
            static PLUGIN: std::sync::OnceLock<Plugin> = std::sync::OnceLock::new();
            PLUGIN.get_or_init(|| {
                Plugin::new("greeter", "1.0.0")
                    .requires("effects/1")
                    .node::<Hello>()
            })
        }
    }

    /// A sink that takes `room` bytes.
    struct Sink {
        bytes: Vec<u8>,
        room: usize,
    }

    impl Sink {
        fn new(room: usize) -> Box<Self> {
            Box::new(Self {
                bytes: Vec::new(),
                room,
            })
        }

        fn out(&mut self) -> Out {
            unsafe extern "C" fn write(ctx: *mut c_void, bytes: *const c_void, len: usize) -> i32 {
                // SAFETY: the context is the sink below, the bytes are the plugin's.
                let (sink, bytes) = unsafe {
                    (
                        &mut *ctx.cast::<Sink>(),
                        slice::from_raw_parts(bytes.cast::<u8>(), len),
                    )
                };
                if sink.bytes.len() + len > sink.room {
                    return 1;
                }
                sink.bytes.extend_from_slice(bytes);
                0
            }
            Out {
                size: size_of::<Out>() as u32,
                reserved: 0,
                ctx: std::ptr::from_mut(self).cast(),
                write: Some(write),
            }
        }

        fn frame(&self) -> Frame<'_> {
            Frame::decode(&self.bytes, Caps::default()).unwrap()
        }
    }

    fn load(features: &str) -> Result<&'static PluginV1, String> {
        let info = format!(r#"{{"name":"test host","version":"1.0.0","features":{features}}}"#);
        let info = std::ffi::CString::new(info).unwrap();
        let host = HostV1 {
            size: size_of::<HostV1>() as u32,
            minor: MINOR,
            info_json: info.as_ptr(),
        };
        let mut sink = Sink::new(usize::MAX);
        let out = sink.out();
        // SAFETY: host and sink live until the call returns.
        let table = unsafe { entry::<Greeter>(&raw const host, &raw const out).as_ref() };
        table.ok_or_else(|| String::from_utf8(sink.bytes.clone()).unwrap())
    }

    #[test]
    fn a_host_without_a_required_feature_is_refused_with_the_reason() {
        assert_eq!(
            load("[]").err().unwrap(),
            "The plugin requires effects/1, which test host 1.0.0 does not have."
        );
        assert!(
            load("[oops")
                .err()
                .unwrap()
                .starts_with("The host does not say what it is: ")
        );
    }

    #[test]
    fn a_call_passes_through_the_table() {
        let table = load(r#"["effects/1"]"#).unwrap();
        let (describe, open, resume, close) = (
            table.describe.unwrap(),
            table.open.unwrap(),
            table.resume.unwrap(),
            table.close.unwrap(),
        );
        let mut sink = Sink::new(usize::MAX);
        let out = sink.out();
        // SAFETY: as jackfield_plugin.h asks for.
        assert_eq!(
            unsafe { describe(std::ptr::null(), 0, &raw const out) },
            Status::DONE
        );
        let manifest: Manifest = sink.frame().parse().unwrap();
        assert_eq!(manifest.nodes[0].node_type, "hello");
        assert_eq!(manifest.nodes[0].description, "Answers at once.");

        let call = json!({"op": "node.execute", "node": "hello", "config": {}, "input": null, "attempt": 1, "idempotencyKey": "k"});
        let call = encode(&call, &[]).unwrap();
        let mut instance = std::ptr::null_mut();
        // SAFETY: as jackfield_plugin.h asks for.
        assert_eq!(
            unsafe { open(call.as_ptr().cast(), call.len(), &raw mut instance) },
            Status::DONE
        );
        sink.bytes.clear();
        // SAFETY: as jackfield_plugin.h asks for.
        assert_eq!(
            unsafe { resume(instance, std::ptr::null(), 0, &raw const out) },
            Status::DONE
        );
        let turn: Turn<'_> = sink.frame().parse().unwrap();
        assert_eq!(turn.result.unwrap().output.get(), r#""hello""#);
        // SAFETY: as jackfield_plugin.h asks for.
        unsafe { close(instance) };
    }

    #[test]
    fn a_full_sink_and_bad_bytes_are_reported() {
        let table = load(r#"["effects/1"]"#).unwrap();
        let mut sink = Sink::new(20);
        let out = sink.out();
        // SAFETY: as jackfield_plugin.h asks for.
        assert_eq!(
            unsafe { table.describe.unwrap()(std::ptr::null(), 0, &raw const out) },
            Status::LIMIT
        );
        let mut instance = std::ptr::null_mut();
        // SAFETY: as jackfield_plugin.h asks for, apart from what the bytes say.
        let status =
            unsafe { table.open.unwrap()(b"no frame".as_ptr().cast(), 8, &raw mut instance) };
        assert_eq!(status, Status::MALFORMED);
        assert!(instance.is_null());
    }
}
