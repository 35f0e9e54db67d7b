//! What the API costs, measured from outside: the real server in its own process, the driver in this one, both on the same
//! machine. Every request carries an API key, and what is read lies in SQLite on disk.
//!
//! Prints one JSON line per figure. Arguments name figures, to measure only those. `--seconds=N` sets how long a rate is
//! measured.

#[path = "../arguments.rs"]
mod arguments;
#[expect(dead_code, reason = "no rate is given to these requests")]
#[path = "../workflow/driver.rs"]
mod driver;
mod figures;
mod peers;
#[expect(dead_code, reason = "the processor time of a server is no figure here")]
#[path = "../workflow/process.rs"]
mod process;

use anyhow::Result;

/// The names of the figures, and whether they are measured when none is named.
const FIGURES: [(&str, bool); 6] = [
    ("typename", true),
    ("list", true),
    ("runs", true),
    ("peers", false),
    ("document", true),
    ("hostile", true),
];

fn main() -> Result<()> {
    arguments::measure(&FIGURES, figures::measure)
}
