//! `cargo xtask bench`: the benchmarks, each of which prints one JSON line per figure.

use anyhow::{Result, bail};

use crate::cargo::{cargo, succeed};
use crate::dist;

/// The name of each benchmark and the package that holds it.
const BENCHES: [(&str, &str); 8] = [
    ("writer", "jackfield-storage"),
    ("plugin", "jackfield-plugin-host"),
    ("manifest", "jackfield-plugin-host"),
    ("graphql", "jackfield-tests"),
    ("workflow", "jackfield-tests"),
    ("deliver", "jackfield-tests"),
    ("subscribe", "jackfield-tests"),
    ("inbound", "jackfield-tests"),
];

/// Runs one benchmark, or all of them.
pub fn run(name: Option<&str>) -> Result<()> {
    let chosen: Vec<_> = BENCHES
        .into_iter()
        .filter(|(bench, _)| name.is_none_or(|name| name == *bench))
        .collect();
    if chosen.is_empty() {
        bail!(
            "no such benchmark; there are {}",
            BENCHES.map(|(bench, _)| bench).join(", ")
        );
    }
    let takes_dist =
        |&(bench, package): &(&str, &str)| package == "jackfield-tests" || bench == "manifest";
    // What is measured is what `serve` would run.
    let dist = match chosen.iter().any(takes_dist) {
        true => Some(dist::run()?),
        false => None,
    };
    for (bench, package) in chosen {
        let mut measure = cargo(["bench", "--quiet", "--package", package, "--bench", bench])?;
        if let Some(dist) = &dist {
            measure.env("JACKFIELD_DIST", dist);
        }
        succeed(&mut measure)?;
    }
    Ok(())
}
