//! What inbound webhooks cost, measured from outside: the real server in its own process, the sender in this one, both on the
//! same machine. Each webhook is signed as Stripe signs, another event, and answered when it is on disk. SQLite runs with
//! `synchronous=FULL`, PostgreSQL with `fsync=on`.
//!
//! Prints one JSON line per figure. Arguments name figures (`stored`, `run`, `postgres`), to measure only those. `--seconds=N`
//! sets how long a rate is measured.

#[path = "../arguments.rs"]
mod arguments;
mod figures;
mod sender;

use anyhow::Result;

/// The names of the figures, and whether they are measured when none is named.
const FIGURES: [(&str, bool); 3] = [("stored", true), ("run", true), ("postgres", true)];

fn main() -> Result<()> {
    arguments::measure(&FIGURES, figures::measure)
}
