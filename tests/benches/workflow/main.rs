//! What workflows cost, measured from outside: the real server in its own process, the driver in this one, both on the
//! same machine. SQLite runs with `synchronous=FULL`, PostgreSQL with `fsync=on`; every step is kept.
//!
//! Prints one JSON line per figure. Arguments name figures (`throughput`, `paced`, `node`, `chain`, `waiting`, `postgres`,
//! `million`), to measure only those; `million` is measured only when it is named, for it takes minutes.
//! `--seconds=N` sets how long a rate is measured.

#[path = "../arguments.rs"]
mod arguments;
mod disk;
mod driver;
mod figures;
mod node;
mod process;
mod service;

use anyhow::Result;

/// The names of the figures, and whether they are measured when none is named.
const FIGURES: [(&str, bool); 7] = [
    ("throughput", true),
    ("paced", true),
    ("node", true),
    ("chain", true),
    ("waiting", true),
    ("postgres", true),
    ("million", false),
];

fn main() -> Result<()> {
    arguments::measure(&FIGURES, figures::measure)
}
