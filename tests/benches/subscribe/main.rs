//! What it costs to follow events, measured from outside: the real server in its own process, thousands of subscribers in
//! this one, all on the same machine.
//!
//! Prints one JSON line. `--seconds=N` sets how long the rate is measured.

#[path = "../arguments.rs"]
mod arguments;
mod figures;
#[expect(dead_code, reason = "the processor time of a server is no figure here")]
#[path = "../workflow/process.rs"]
mod process;
#[path = "../sent_at.rs"]
mod sent_at;
mod subscriber;

use anyhow::Result;

/// The names of the figures, and whether they are measured when none is named.
const FIGURES: [(&str, bool); 1] = [("stream", true)];

fn main() -> Result<()> {
    arguments::measure(&FIGURES, figures::measure)
}
