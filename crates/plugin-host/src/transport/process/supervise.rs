use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::process::Child;

use super::Inner;
use super::link::Link;
use super::meter::{self, Look, Meter, Overuse};
use super::start::HELLO_CALL;
use crate::transport::Fault;

/// How long a child may take to end after its socket is closed.
const FAREWELL: Duration = Duration::from_secs(1);
/// How far ahead of what a child has used the kernel's own limit of processor time is kept.
const AHEAD: Duration = Duration::from_secs(60);

/// Why a child has to go.
enum End {
    /// It closed its socket; with what was wrong about what it wrote, if anything.
    Left(Option<String>),
    /// It did too much for this call.
    Stuck(u64, String),
    /// It did too much for nobody.
    Busy,
    /// It was not needed for a while, or is not wanted any more.
    Idle,
}

/// Stays with a child until it is gone.
pub(super) async fn supervise(inner: Arc<Inner>, link: Arc<Link>, mut child: Child) {
    let pid = child.id();
    let end = tokio::select! {
        wrong = link.serve() => End::Left(wrong),
        end = watch(&inner, &link, pid) => end,
    };
    link.close();
    // The socket's own end comes before the exit; a child that was cut off or is stuck does not end by itself.
    let status = match &end {
        End::Left(None) => tokio::time::timeout(FAREWELL, child.wait()).await.ok(),
        _ => None,
    };
    let ended_by_itself = status.is_some();
    let status = match status {
        Some(status) => status,
        None => {
            child.start_kill().ok();
            child.wait().await
        }
    };
    let how = match (ended_by_itself, status) {
        (true, Ok(status)) => describe(status),
        (false, _) if matches!(end, End::Left(None)) => {
            "it closed its connection to the server and its process was ended".into()
        }
        _ => "its process was ended".into(),
    };
    let (culprit, reason) = match end {
        End::Idle => {
            link.fail(None, &Fault::Crashed("its process was let go".into()));
            return;
        }
        End::Left(wrong) => (
            None,
            wrong.map_or(how.clone(), |wrong| format!("{wrong}; {how}")),
        ),
        End::Stuck(call, why) => (Some(call), format!("{why} and {how}")),
        End::Busy => (
            None,
            format!("it kept the processor busy although nothing was asked of it and {how}"),
        ),
    };
    inner.record.crashed(&reason);
    tracing::error!(plugin = inner.name, reason, "plugin process ended");
    let others = match culprit {
        Some(_) => "another call was stuck in its process, which was ended".into(),
        None => reason.clone(),
    };
    let culprit = culprit.map(|call| (call, Fault::Stuck(reason)));
    link.fail(culprit, &Fault::Crashed(others));
}

/// Looks now and then whether the child does what it may, and whether it is still needed.
async fn watch(inner: &Inner, link: &Link, pid: Option<u32>) -> End {
    let limits = &inner.limits;
    let step = (limits.resume.min(limits.cpu) / 4)
        .clamp(Duration::from_millis(10), Duration::from_millis(500));
    let mut meter = Meter::new(limits.cpu, Instant::now());
    let mut answers = 0;
    let mut used = Instant::now();
    loop {
        tokio::select! {
            () = tokio::time::sleep(step.min(limits.idle)) => {}
            () = link.closed() => {}
        }
        link.listen();
        let working = link.working();
        if let Some((call, time)) = working {
            let (limit, what) = match call {
                HELLO_CALL => (limits.start, "start"),
                _ => (limits.resume, "return"),
            };
            if time > limit {
                let limit = limit.as_millis();
                return End::Stuck(call, format!("it did not {what} within {limit} ms"));
            }
        }
        let answered = link.answers();
        if let Some(cpu) = pid.and_then(meter::used) {
            let look = Look {
                now: Instant::now(),
                used: cpu,
                answers: answered,
                working: working.map(|(call, _)| call),
            };
            match meter.look(&look) {
                // A start has its own limit.
                Some(Overuse::InCall(HELLO_CALL)) | None => {}
                Some(Overuse::InCall(call)) => {
                    let limit = limits.cpu.as_millis();
                    let why = format!("it used more than {limit} ms of processor time at once");
                    return End::Stuck(call, why);
                }
                Some(Overuse::Unasked) => return End::Busy,
            }
            if let Some(pid) = pid {
                meter::renew_limit(pid, cpu, AHEAD + limits.cpu);
            }
        }
        if answered != answers {
            answers = answered;
            used = Instant::now();
        }
        let unneeded = link.is_closing() || used.elapsed() > limits.idle;
        if unneeded && link.let_go() {
            return End::Idle;
        }
    }
}

fn describe(status: ExitStatus) -> String {
    let Some(signal) = status.signal() else {
        return match status.code() {
            Some(code) => format!("its process exited with code {code}"),
            None => "its process ended".into(),
        };
    };
    let name = match signal {
        libc::SIGABRT => " (SIGABRT)",
        libc::SIGBUS => " (SIGBUS)",
        libc::SIGFPE => " (SIGFPE)",
        libc::SIGILL => " (SIGILL)",
        libc::SIGKILL => " (SIGKILL)",
        libc::SIGSEGV => " (SIGSEGV)",
        libc::SIGSYS => " (SIGSYS)",
        libc::SIGTRAP => " (SIGTRAP)",
        libc::SIGXCPU => " (SIGXCPU)",
        libc::SIGXFSZ => " (SIGXFSZ)",
        _ => "",
    };
    format!("its process was ended by signal {signal}{name}")
}
