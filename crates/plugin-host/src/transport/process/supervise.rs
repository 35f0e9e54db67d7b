use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::process::Child;

use super::Inner;
use super::link::Link;
use crate::transport::Fault;

/// How long a child may take to end after its socket is closed.
const FAREWELL: Duration = Duration::from_secs(1);

/// Why a child has to go.
enum End {
    /// It closed its socket; with what was wrong about what it wrote, if anything.
    Left(Option<String>),
    /// It did not come back from a call.
    Stuck(u64),
    /// It was not needed for a while, or was not wanted after its hello.
    Idle,
}

/// Stays with a child until it is gone.
pub(super) async fn supervise(inner: Arc<Inner>, link: Arc<Link>, mut child: Child) {
    let end = tokio::select! {
        wrong = link.serve() => End::Left(wrong),
        end = watch(&inner, &link) => end,
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
    let limit = inner.limits.resume.as_millis();
    match end {
        End::Idle => link.fail(None, Fault::Crashed("its process was let go".into())),
        End::Left(wrong) => {
            inner.crashed();
            let reason = wrong.map_or(how.clone(), |wrong| format!("{wrong}; {how}"));
            tracing::error!(plugin = inner.name, reason, "plugin process ended");
            link.fail(None, Fault::Crashed(reason));
        }
        End::Stuck(call) => {
            inner.crashed();
            let reason = format!("it did not return within {limit} ms and {how}");
            tracing::error!(plugin = inner.name, reason, "plugin process ended");
            let stuck = Fault::Stuck(reason);
            let others =
                Fault::Crashed("another call was stuck in its process, which was ended".into());
            link.fail(Some((call, stuck)), others);
        }
    }
}

/// Looks now and then whether the child is stuck or no longer needed.
async fn watch(inner: &Inner, link: &Link) -> End {
    let limits = &inner.limits;
    let step = (limits.resume / 4).clamp(Duration::from_millis(10), Duration::from_millis(500));
    let mut answers = 0;
    let mut used = Instant::now();
    loop {
        tokio::time::sleep(step.min(limits.idle)).await;
        if let Some((call, time)) = link.working()
            && time > limits.resume
        {
            return End::Stuck(call);
        }
        let now_answered = link.answers();
        if now_answered != answers {
            answers = now_answered;
            used = Instant::now();
            // The first answer is the hello.
            if answers > 1 {
                inner.worked();
            }
        }
        let unwanted = !link.is_alive() && link.is_idle();
        if unwanted || (link.is_idle() && used.elapsed() > limits.idle) {
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
