use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use aws_lc_rs::rand;
use clap::Args;
use jackfield_plugin_host::check::{self, Options, Report};

/// The exit code when nothing could be checked.
const NOT_RUN: u8 = 2;

/// What is checked, and how it is told.
#[derive(Args)]
pub struct CheckOptions {
    /// The plugin's library, or a bundle.
    file: PathBuf,
    /// Begin chance with this number, to repeat a run.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Only checks whose id contains this.
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
    /// How long the plugin may take for one step, in milliseconds.
    #[arg(long, value_name = "MS", default_value_t = 5000, value_parser = clap::value_parser!(u64).range(10..=600_000))]
    timeout: u64,
}

/// Checks a plugin and prints a line for each check. The exit code is 0 when nothing failed, 1 when something did, and 2
/// when nothing could be checked.
///
/// # Errors
///
/// When no runtime can be started or standard output is gone.
pub fn run(options: CheckOptions) -> anyhow::Result<ExitCode> {
    let seed = options.seed.map_or_else(new_seed, Ok)?;
    let how = Options {
        filter: options.filter,
        patience: Duration::from_millis(options.timeout),
        ..Options::new(seed)
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let report = match runtime.block_on(check::run(&options.file, &how)) {
        Ok(report) => report,
        Err(error) => {
            eprintln!("jackfield: {error}");
            return Ok(ExitCode::from(NOT_RUN));
        }
    };
    let text = match options.json {
        true => format!("{:#}\n", report.to_json()),
        false => told(&report),
    };
    super::print(&text)?;
    Ok(match report.is_good() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// Short enough to be typed again.
fn new_seed() -> anyhow::Result<u64> {
    let mut bytes = [0; 4];
    rand::fill(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes).into())
}

/// The report for people: one line for each check, with what to do where there is something to do.
fn told(report: &Report) -> String {
    let name = match &report.plugin {
        Some((name, version)) => format!("{name} {version}"),
        None => report.file.clone(),
    };
    let mut text = format!("{name}, seed {}\n", report.seed);
    let width = report.checks.iter().map(|checked| checked.id.len()).max();
    let width = width.unwrap_or(0);
    for checked in &report.checks {
        let (verdict, found) = (checked.verdict.name(), checked.verdict.found());
        let found = found.replace(|c: char| c.is_control(), " ");
        let remedy = checked.remedy().map(|remedy| format!(" — {remedy}"));
        let remedy = remedy.unwrap_or_default();
        writeln!(text, "{verdict}  {:width$}  {found}{remedy}", checked.id).ok();
    }
    if report.plugin.is_none() {
        text.push_str("The other checks need a manifest.\n");
    }
    let count = |verdict| report.count(verdict);
    writeln!(
        text,
        "{} passed, {} failed, {} warned, {} skipped in {:.1} s",
        count("pass"),
        count("fail"),
        count("warn"),
        count("skip"),
        report.took.as_secs_f64()
    )
    .ok();
    text
}
