use std::time::{Duration, Instant};

use jackfield_plugin_abi::messages::Manifest;

use super::catalogue::{MEMORY, OUTPUT_STREAMS, SIGNALS, THREADS, TIME};
use super::report::Verdict::{self, Fail, Pass, Skip, Warn};
use super::sample::samples;
use super::stage::play;
use super::subject::Subject;
use super::suite::Suite;
use super::world::Mood;
use crate::transport::Transport;
use crate::transport::process::Process;

/// How often the plugin is started; the quickest counts.
const STARTS: usize = 3;
/// What a start may take without a word …
const QUICK: Duration = Duration::from_millis(100);
/// … and at most.
const SLOW: Duration = Duration::from_secs(1);
/// What a process may need without a word, in KiB …
const SMALL: u64 = 64 << 10;
/// … and at most.
const LARGE: u64 = 256 << 10;
/// Signals that the process itself handles: its stack overflows with SIGBUS or SIGSEGV.
/// The C library handles 32 and 33 for its threads.
const OWN_SIGNALS: u64 = 1 << (libc::SIGBUS - 1) | 1 << (libc::SIGSEGV - 1) | 1 << 31 | 1 << 32;

/// What a process with the plugin costs, and what the plugin does in it besides answering.
pub(super) async fn check(suite: &mut Suite<'_>, subject: &Subject, manifest: &Manifest) {
    let time = time(subject).await.unwrap_or_else(Fail);
    suite.note(&TIME, "", time);
    let process = match subject.process() {
        Ok(process) => process,
        Err(reason) => return suite.note(&MEMORY, "", Fail(reason)),
    };
    if let Err(fault) = process.describe().await {
        return suite.note(&MEMORY, "", Fail(fault.to_string()));
    }
    let loaded = status(&process);
    // One call of each node, to see what it leaves behind. What goes wrong in it is for other checks to tell.
    for node in &manifest.nodes {
        for sample in samples(node).iter().take(1) {
            play(&process, &sample.call(node), &mut subject.world(Mood::Kind))
                .await
                .ok();
        }
    }
    // What was printed before an answer is read before it, or before the one after.
    for _ in 0..2 {
        process.describe().await.ok();
    }
    let called = status(&process);
    let elsewhere = || Skip("only Linux tells".to_owned());
    let memory = loaded
        .as_ref()
        .map_or_else(elsewhere, |loaded| memory(loaded.memory));
    suite.note(&MEMORY, "", memory);
    let printed = match process.printed() {
        0 => Pass("nothing".into()),
        lines => Warn(format!("{lines} lines")),
    };
    suite.note(&OUTPUT_STREAMS, "", printed);
    let threads = called
        .as_ref()
        .map_or_else(elsewhere, |called| match called.threads {
            0 | 1 => Pass("none".into()),
            threads => Warn(format!(
                "after the calls, threads are left: {}",
                threads - 1
            )),
        });
    suite.note(&THREADS, "", threads);
    let signals =
        called
            .as_ref()
            .map_or_else(elsewhere, |called| match called.signals & !OWN_SIGNALS {
                0 => Pass("none".into()),
                mask => Fail(format!("handlers for the signals {}", numbers(mask))),
            });
    suite.note(&SIGNALS, "", signals);
}

async fn time(subject: &Subject) -> Result<Verdict, String> {
    let mut best = Duration::MAX;
    for _ in 0..STARTS {
        let process = subject.process()?;
        let began = Instant::now();
        process.start().await.map_err(|fault| fault.to_string())?;
        best = best.min(began.elapsed());
    }
    let found = format!(
        "{:.1} ms from the start of the process until it is ready",
        best.as_secs_f64() * 1e3
    );
    Ok(match best {
        best if best > SLOW => Fail(format!("{found}, {} ms are allowed", SLOW.as_millis())),
        best if best > QUICK => Warn(found),
        _ => Pass(found),
    })
}

fn memory(kib: u64) -> Verdict {
    let found = format!("{:.1} MiB", kib as f64 / 1024.0);
    match kib {
        kib if kib > LARGE => Fail(format!("{found}, {} MiB are allowed", LARGE >> 10)),
        kib if kib > SMALL => Warn(found),
        _ => Pass(found),
    }
}

fn numbers(mask: u64) -> String {
    let set = (1..=64_u32).filter(|number| mask & (1 << (number - 1)) != 0);
    set.map(|number| number.to_string())
        .collect::<Vec<_>>()
        .join(", ")
}

/// What the kernel tells about a process.
struct Status {
    /// Resident, in KiB.
    memory: u64,
    threads: u64,
    /// Signals with a handler, as a mask.
    signals: u64,
}

fn status(process: &Process) -> Option<Status> {
    let text = std::fs::read_to_string(format!("/proc/{}/status", process.pid()?)).ok()?;
    let member = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()
    };
    Some(Status {
        memory: member("VmRSS:")?.parse().ok()?,
        threads: member("Threads:")?.parse().ok()?,
        signals: u64::from_str_radix(member("SigCgt:")?, 16).ok()?,
    })
}
