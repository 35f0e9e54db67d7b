use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use aws_lc_rs::rand;
use clap::Args;
use jackfield_plugin_host::check::{self, Checked, Options, Report};

/// The exit code when nothing could be checked.
const NOT_RUN: u8 = 2;

/// How wide ids are printed; longer ones push the rest of their line.
const WIDTH: usize = 44;

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
        filter: options.filter.clone(),
        patience: Duration::from_millis(options.timeout),
        ..Options::new(seed)
    };
    let runtime = super::runtime()?;
    let head = format!("{}, seed {seed}\n", options.file.display());
    let mut told = Told::new(!options.json, head);
    let checked = runtime.block_on(check::run(&options.file, &how, &mut |checked| {
        told.say(&line(checked));
    }));
    let report = match checked {
        Ok(report) => report,
        Err(error) => {
            eprintln!("jackfield: {error}");
            return Ok(ExitCode::from(NOT_RUN));
        }
    };
    match options.json {
        true => super::print(&format!("{:#}\n", report.to_json()))?,
        false => told.say(&summary(&report)),
    }
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

/// What people read while the checks are made.
struct Told {
    wanted: bool,
    /// Said before the first line.
    head: Option<String>,
}

impl Told {
    fn new(wanted: bool, head: String) -> Self {
        let head = Some(head);
        Self { wanted, head }
    }

    fn say(&mut self, text: &str) {
        if self.wanted {
            let head = self.head.take().unwrap_or_default();
            // Whoever closed the output has seen enough; the exit code still tells.
            super::print(&format!("{head}{text}")).ok();
        }
    }
}

/// One check: how it ended, its id, what was found, and what to do where there is something to do.
fn line(checked: &Checked) -> String {
    let (verdict, found) = (checked.verdict.name(), checked.verdict.found());
    let found = found.replace(|c: char| c.is_control(), " ");
    let remedy = checked.remedy().map(|remedy| format!(" — {remedy}"));
    let remedy = remedy.unwrap_or_default();
    format!("{verdict}  {:WIDTH$}  {found}{remedy}\n", checked.id)
}

fn summary(report: &Report) -> String {
    let count = |verdict| report.count(verdict);
    let failed = report
        .checks
        .iter()
        .filter(|checked| checked.verdict.name() == "fail");
    let failed: Vec<&str> = failed.map(|checked| checked.id.as_str()).collect();
    let which = match failed.is_empty() {
        true => String::new(),
        false => format!(" ({})", failed.join(", ")),
    };
    let more = match &report.plugin {
        Some(_) => "",
        None => "The other checks need a manifest.\n",
    };
    format!(
        "{more}{} passed, {} failed{which}, {} warned, {} skipped in {:.1} s\n",
        count("pass"),
        failed.len(),
        count("warn"),
        count("skip"),
        report.took.as_secs_f64()
    )
}
