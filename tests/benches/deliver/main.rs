//! What webhooks cost, measured from outside: the real server in its own process; the driver that publishes and the receiver
//! that takes the webhooks in this one; all on the same machine. SQLite runs with `synchronous=FULL`, PostgreSQL with
//! `fsync=on`; every attempt is kept.
//!
//! Prints one JSON line per figure. Arguments name figures, to measure only those; `million` is measured only when it is named,
//! for it takes minutes. `--seconds=N` sets how long a rate is measured.

mod driver;
mod figures;
#[expect(dead_code, reason = "the processor time of a server is no figure here")]
#[path = "../workflow/process.rs"]
mod process;
mod receiver;

use std::env;
use std::time::Duration;

use anyhow::{Result, bail};

/// The names of the figures, and whether they are measured when none is named.
const FIGURES: [(&str, bool); 7] = [
    ("throughput", true),
    ("paced", true),
    ("fan-out", true),
    ("batch", true),
    ("dead", true),
    ("postgres", true),
    ("million", false),
];

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let (options, names): (Vec<_>, Vec<_>) = arguments
        .into_iter()
        .partition(|argument| argument.starts_with("--"));
    if let Some(unknown) = names
        .iter()
        .find(|name| FIGURES.iter().all(|(known, _)| known != name))
    {
        bail!("there is no figure `{unknown}`");
    }
    let seconds = options
        .iter()
        .find_map(|option| option.strip_prefix("--seconds="))
        .map_or(Ok(10), str::parse)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    for (name, usual) in FIGURES {
        let wanted = match names.is_empty() {
            true => usual,
            false => names.iter().any(|wanted| wanted == name),
        };
        if wanted {
            let length = Duration::from_secs(seconds);
            runtime.block_on(figures::measure(name, length))?;
        }
    }
    Ok(())
}
