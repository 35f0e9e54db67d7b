//! Points at which a test has the process killed, to see what is left of it.
//!
//! Builds with debug assertions look at `JACKFIELD_CRASH`: `before:3` ends the process when the third transaction that
//! writes runs or deliveries is about to be committed, `after:3` when it is on disk and nobody has been told. Other builds
//! have none of this.

/// On which side of a commit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Before,
    After,
}

/// Ends the process here if a test wants it so. Only transactions that write runs or deliveries count: that they begin, are
/// claimed, go on, or are told something.
#[cfg(debug_assertions)]
pub(super) fn point(writes_runs: bool, side: Side) {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    static WANTED: LazyLock<Option<(Side, u32)>> = LazyLock::new(|| {
        let wanted = std::env::var("JACKFIELD_CRASH").ok()?;
        let (side, number) = wanted.split_once(':')?;
        let side = match side {
            "before" => Side::Before,
            "after" => Side::After,
            _ => return None,
        };
        Some((side, number.parse().ok()?))
    });
    static PASSED: AtomicU32 = AtomicU32::new(0);

    let Some((wanted, number)) = *WANTED else {
        return;
    };
    if !writes_runs || wanted != side || PASSED.fetch_add(1, Ordering::Relaxed) + 1 != number {
        return;
    }
    // Nothing is unwound and nothing flushed, as when the machine loses its power.
    let killed =
        rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    tracing::error!(?killed, "the process is still there");
}

#[cfg(not(debug_assertions))]
pub(super) fn point(_writes_runs: bool, _side: Side) {}
