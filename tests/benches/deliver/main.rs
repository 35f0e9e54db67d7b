//! What webhooks cost, measured from outside: the real server in its own process; the driver that publishes and the receiver
//! that takes the webhooks in this one; all on the same machine. SQLite runs with `synchronous=FULL`, PostgreSQL with
//! `fsync=on`; every attempt is kept.
//!
//! Prints one JSON line per figure. Arguments name figures, to measure only those; `million` and `ten-million` are measured only when
//! they are named, for they take minutes. `--seconds=N` sets how long a rate is measured.

#[path = "../arguments.rs"]
mod arguments;
mod driver;
mod figures;
#[expect(dead_code, reason = "the processor time of a server is no figure here")]
#[path = "../workflow/process.rs"]
mod process;
mod receiver;
#[path = "../sent_at.rs"]
mod sent_at;

use anyhow::Result;

/// The names of the figures, and whether they are measured when none is named.
const FIGURES: [(&str, bool); 8] = [
    ("throughput", true),
    ("paced", true),
    ("fan-out", true),
    ("batch", true),
    ("dead", true),
    ("postgres", true),
    ("million", false),
    ("ten-million", false),
];

fn main() -> Result<()> {
    arguments::measure(&FIGURES, figures::measure)
}
