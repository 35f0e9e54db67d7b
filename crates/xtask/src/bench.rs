//! `cargo xtask bench`: the benchmarks, each of which prints one JSON line per figure.

use anyhow::{Result, bail};

use crate::cargo::{cargo, succeed};

/// The name of each benchmark and the package that holds it.
const BENCHES: [(&str, &str); 7] = [
    ("writer", "jackfield-storage"),
    ("plugin", "jackfield-plugin-host"),
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
    for (bench, package) in chosen {
        if package == "jackfield-tests" {
            // It is measured from outside, so the server has to be there.
            let packages = ["--package=jackfield", "--package=jackfield-plugin-http"];
            succeed(&mut cargo(
                ["build", "--release"].into_iter().chain(packages),
            )?)?;
        }
        succeed(&mut cargo([
            "bench",
            "--quiet",
            "--package",
            package,
            "--bench",
            bench,
        ])?)?;
    }
    Ok(())
}
