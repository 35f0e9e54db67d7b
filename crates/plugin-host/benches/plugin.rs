//! What a plugin costs: microseconds per effect, calls per second, the start of a child. One JSON line per figure.
//!
//! An effect is one turn of a call: the plugin returns, the host performs `blob.read` from memory, encodes the answer and
//! resumes. The time is that from one read to the next.
//!
//! The start of a child is told next to that of `/bin/true`, taken in turns: what a machine needs for any process at
//! all. `JACKFIELD_PROGRAM` names a server whose own start is measured as well, and the argument `start` leaves out the
//! rest.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that meets an error has failed"
)]

use std::io::{ErrorKind, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use jackfield_egress::{Egress, EgressConfig};
use jackfield_plugin_abi::messages::{BlobRef, Call, CallError, Level};
use jackfield_plugin_host::{
    BlobPart, Host, HostConfig, Isolation, OutgoingRequest, SecretBytes, Services,
};
use parking_lot::Mutex;
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};

const SMALL: usize = 200;
const SLOW: Duration = Duration::from_micros(30);
const LARGE: usize = 50 << 10;
const STARTS: usize = 200;
const STARTS_AGAIN: usize = 40;
const CHILD: &str = env!("CARGO_BIN_EXE_jackfield-plugin-child");

fn main() {
    let dir = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cc = Command::new("cc")
        .args(["-shared", "-fPIC", "-O2", "-I"])
        .arg(root.join("../plugin-abi/include"))
        .arg(root.join("benches/ping.c"))
        .arg("-o")
        .arg(dir.path().join("ping.so"))
        .status();
    assert!(cc.unwrap().success(), "cc");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    // On a task, as in the server: the thread that blocks here is not one of the workers.
    let all = async move {
        let egress = Egress::new(EgressConfig::default()).unwrap();
        let only_start = std::env::args().any(|argument| argument == "start");
        let isolations = match only_start {
            true => &[][..],
            false => &[Isolation::InProcess, Isolation::Process],
        };
        for &isolation in isolations {
            let host = open(dir.path(), &egress, isolation, CHILD.as_ref()).await;
            for size in [SMALL, LARGE] {
                one_call(&host, isolation, size).await;
            }
            many_calls(&host, isolation, 64, 1).await;
            many_calls(&host, isolation, 64, 1000).await;
            waiting(&host, isolation).await;
        }
        start(dir.path(), &egress).await;
    };
    round_trip();
    runtime.block_on(async { tokio::spawn(all).await.unwrap() });
}

/// What this machine can do at best: 200 bytes to another thread that is awake and back, without a plugin. Its slow turns are
/// interruptions, which an effect meets as well; so they are told as a rate.
fn round_trip() {
    let (mut ours, mut theirs) = UnixStream::pair().unwrap();
    ours.set_nonblocking(true).unwrap();
    theirs.set_nonblocking(true).unwrap();
    let echo = std::thread::spawn(move || {
        let mut bytes = [0; SMALL];
        while read_awake(&mut theirs, &mut bytes) {
            theirs.write_all(&bytes).unwrap();
        }
    });
    let mut turns = Vec::with_capacity(40_000);
    let mut bytes = [0; SMALL];
    for _ in 0..turns.capacity() {
        let started = Instant::now();
        ours.write_all(&bytes).unwrap();
        assert!(read_awake(&mut ours, &mut bytes));
        turns.push(started.elapsed());
    }
    drop(ours);
    echo.join().unwrap();
    print("200 B there and back", Isolation::Process, turns);
}

fn read_awake(from: &mut UnixStream, bytes: &mut [u8]) -> bool {
    loop {
        match from.read(bytes) {
            Ok(read) => return read > 0,
            Err(error) if error.kind() == ErrorKind::WouldBlock => std::hint::spin_loop(),
            Err(error) => panic!("{error}"),
        }
    }
}

async fn open(dir: &Path, egress: &Egress, isolation: Isolation, program: &Path) -> Host {
    let mut config = HostConfig::new(dir, egress.clone());
    config.isolation = isolation;
    config.child = Some(program.into());
    Host::open(config).await
}

/// Microseconds per effect of a call that has the plugin to itself.
async fn one_call(host: &Host, isolation: Isolation, size: usize) {
    let memory = Memory::new(size);
    run(host, &memory, 2_000).await;
    memory.reads.lock().clear();
    run(host, &memory, 20_000).await;
    let reads = std::mem::take(&mut *memory.reads.lock());
    let turns = reads.windows(2).map(|pair| pair[1] - pair[0]).collect();
    print(&format!("effect {size} B"), isolation, turns);
}

/// What many calls at once get done in a second.
async fn many_calls(host: &Host, isolation: Isolation, at_once: usize, effects: usize) {
    let each = (40_000 / at_once / effects).max(4);
    let started = Instant::now();
    let workers = (0..at_once).map(|_| {
        let host = host.clone();
        tokio::spawn(async move {
            let memory = Memory::new(SMALL);
            for _ in 0..each {
                run(&host, &memory, effects).await;
            }
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.unwrap();
    }
    let seconds = started.elapsed().as_secs_f64();
    let calls = (at_once * each) as f64;
    let figure = json!({"bench": "plugin", "figure": format!("{at_once} calls in flight, {effects} effects each"),
        "isolation": isolation.as_str(), "calls_per_second": (calls / seconds).round(),
        "effects_per_second": (calls * effects as f64 / seconds).round()});
    println!("{figure}");
}

/// What a call takes of the processor while the service that it called thinks.
async fn waiting(host: &Host, isolation: Isolation) {
    const WAITS: usize = 20;
    const WAIT: Duration = Duration::from_millis(100);
    let memory = Memory::new(SMALL).answers_after(WAIT);
    let child = child();
    let processor = || {
        let child = child.map_or(Duration::ZERO, |pid| processor_time(&pid.to_string()));
        processor_time("self") + child
    };
    let (began, used) = (Instant::now(), processor());
    run(host, &memory, WAITS).await;
    let used = (processor() - used).as_secs_f64();
    let figure = json!({"bench": "plugin", "figure": "waiting for 100 ms", "isolation": isolation.as_str(),
        "processor_us_per_wait": (used * 1e6 / WAITS as f64).round(),
        "processor_percent": (used / began.elapsed().as_secs_f64() * 1e4).round() / 100.0});
    println!("{figure}");
}

/// What the threads of a process have taken of the processor so far (proc(5), `schedstat`).
fn processor_time(process: &str) -> Duration {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).unwrap();
    let nanos = threads.flatten().map(|thread| {
        let stat = std::fs::read_to_string(thread.path().join("schedstat")).unwrap_or_default();
        let first = stat.split_whitespace().next();
        first.map_or(0, |nanos| nanos.parse().unwrap())
    });
    Duration::from_nanos(nanos.sum())
}

/// From nothing to a described plugin, in turns with a process that does nothing, and what an idle child weighs. Then the
/// same as a call has it whose plugin was let go while nobody needed it: the host has a process ready.
async fn start(dir: &Path, egress: &Egress) {
    let mut programs = vec![("start of a child", PathBuf::from(CHILD))];
    if let Some(server) = std::env::var_os("JACKFIELD_PROGRAM") {
        programs.push(("start of a child, server", server.into()));
    }
    let mut floor = Vec::new();
    let mut times = vec![Vec::new(); programs.len()];
    let mut resident = vec![None; programs.len()];
    for _ in 0..STARTS {
        floor.push(start_nothing().await);
        for (nth, (_, program)) in programs.iter().enumerate() {
            let started = Instant::now();
            let host = open(dir, egress, Isolation::Process, program).await;
            times[nth].push(started.elapsed());
            let errors: Vec<_> = host
                .plugins()
                .iter()
                .filter_map(|plugin| plugin.error().map(str::to_owned))
                .collect();
            assert!(host.node_type("ping").is_some(), "{errors:?}");
            resident[nth] = resident_of_child();
            drop(host);
            // The end of one is not part of the start of the next.
            while resident_of_child().is_some() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }
    let least = median(&floor);
    print("start of /bin/true", Isolation::Process, floor);
    for (((figure, _), times), resident) in programs.iter().zip(times).zip(resident) {
        let ratio = (median(&times) / least * 100.0).round() / 100.0;
        print(figure, Isolation::Process, times);
        let figure = json!({"bench": "plugin", "figure": figure, "times_of_true": ratio,
            "idle_rss_kib": resident});
        println!("{figure}");
    }
    for (figure, program) in programs {
        let times = start_again(dir, egress, &program).await;
        print(&format!("{figure}, for a call"), Isolation::Process, times);
    }
}

/// A call of one effect whose plugin was let go before.
async fn start_again(dir: &Path, egress: &Egress, program: &Path) -> Vec<Duration> {
    let mut config = HostConfig::new(dir, egress.clone());
    config.child = Some(program.into());
    config.limits.idle = Duration::from_millis(100);
    let host = Host::open(config).await;
    let memory = Memory::new(SMALL);
    let mut times = Vec::with_capacity(STARTS_AGAIN);
    for _ in 0..STARTS_AGAIN {
        // Whether a plugin is still needed is looked at twice a second.
        tokio::time::sleep(Duration::from_millis(700)).await;
        let started = Instant::now();
        run(&host, &memory, 1).await;
        times.push(started.elapsed());
    }
    times
}

/// From nothing to the end of a process that does nothing, with the same descriptors as a child.
async fn start_nothing() -> Duration {
    let started = Instant::now();
    let (_ours, theirs) = UnixStream::pair().unwrap();
    let mut nothing = tokio::process::Command::new("/bin/true")
        .env_clear()
        .stdin(OwnedFd::from(theirs))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    assert!(nothing.wait().await.unwrap().success());
    started.elapsed()
}

fn median(times: &[Duration]) -> f64 {
    let mut times = times.to_vec();
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64()
}

fn child() -> Option<u32> {
    let own = std::process::id();
    let mut processes = std::fs::read_dir("/proc").ok()?.flatten();
    processes.find_map(|process| {
        let pid = process.file_name().to_str()?.parse().ok()?;
        (status(pid, "PPid:") == Some(own.into())).then_some(pid)
    })
}

fn resident_of_child() -> Option<u64> {
    status(child()?, "VmRSS:")
}

fn status(pid: u32, field: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with(field))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn print(figure: &str, isolation: Isolation, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |part: f64| {
        let index = (times.len() as f64 * part) as usize;
        (times[index.min(times.len() - 1)].as_nanos() / 10) as f64 / 100.0
    };
    let slow = times.len() - times.partition_point(|time| *time <= SLOW);
    let seconds = times.iter().sum::<Duration>().as_secs_f64();
    let figure = json!({"bench": "plugin", "figure": figure, "isolation": isolation.as_str(),
        "p50_us": at(0.5), "p95_us": at(0.95), "p99_us": at(0.99),
        "over_30_us_per_second": (slow as f64 / seconds).round()});
    println!("{figure}");
}

async fn run(host: &Host, memory: &Memory, rounds: usize) {
    let config = to_raw_value(&json!({"rounds": rounds, "len": memory.blob.len()})).unwrap();
    let call = Call {
        op: "node.execute".into(),
        node: "ping".into(),
        provider: None,
        config: &config,
        input: RawValue::NULL,
        credentials: vec![],
        attempt: 1,
        idempotency_key: "step".into(),
        timeout_ms: None,
        run: None,
    };
    host.execute(&call, memory).await.unwrap();
}

/// A blob in memory, and when it was read.
struct Memory {
    blob: Bytes,
    reads: Mutex<Vec<Instant>>,
    thinks: Option<Duration>,
}

impl Memory {
    fn new(size: usize) -> Self {
        Self {
            blob: vec![b'x'; size].into(),
            reads: Mutex::default(),
            thinks: None,
        }
    }

    fn answers_after(self, time: Duration) -> Self {
        Self {
            thinks: Some(time),
            ..self
        }
    }
}

#[async_trait]
impl Services for Memory {
    async fn authorize(&self, _: &str, _: &mut OutgoingRequest) -> Result<(), CallError> {
        Ok(())
    }

    async fn signing_key(&self, _: &str, _: &str) -> Result<SecretBytes, CallError> {
        Ok(SecretBytes::new([]))
    }

    async fn store_blob(&self, _: Bytes, _: &str) -> Result<BlobRef, CallError> {
        Err(CallError::new("UNSUPPORTED", "not here"))
    }

    async fn read_blob(&self, _: &str, _: u64, _: u64) -> Result<BlobPart, CallError> {
        self.reads.lock().push(Instant::now());
        if let Some(time) = self.thinks {
            tokio::time::sleep(time).await;
        }
        Ok(BlobPart {
            bytes: self.blob.clone(),
            size: self.blob.len() as u64,
            content_type: "text/plain".into(),
        })
    }

    fn log(&self, _: Level, _: &str, _: Option<&str>) {}

    fn now(&self) -> i64 {
        0
    }

    fn random(&self, _: &mut [u8]) {}
}
