//! The conformance suite that `jackfield plugin check` runs on any binary.
//!
//! The plugin always runs in sandboxed child processes, a fresh one for each group of checks, so that a crash fails one
//! check and not those after it. Everything that is left to chance comes from one seed.

mod abi;
mod call;
pub mod catalogue;
mod credential;
mod frame;
mod fuzz;
mod load;
mod manifest;
mod node;
mod operation;
mod output;
mod replay;
mod report;
mod sample;
mod stage;
mod subject;
mod suite;
mod world;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub use catalogue::Rule;
pub use report::{Checked, Report, Verdict};

use subject::Subject;
use suite::Suite;

/// What to check and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// What chance begins with; the same seed gives the same run.
    pub seed: u64,
    /// Only checks whose id contains this.
    pub filter: Option<String>,
    /// How long the plugin may take for one step.
    pub patience: Duration,
    /// The program to start for the plugin; see [`HostConfig::child`](crate::HostConfig::child).
    pub child: Option<PathBuf>,
}

impl Options {
    /// Every check, with this seed.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            filter: None,
            patience: Duration::from_secs(5),
            child: None,
        }
    }
}

/// Why nothing could be checked.
#[derive(Debug, thiserror::Error)]
pub enum NotChecked {
    /// The file cannot be read.
    #[error("{file}: {reason}; give the path of a plugin's library or bundle")]
    File {
        /// The file.
        file: String,
        /// A sentence.
        reason: String,
    },
    /// No process can be started for the plugin.
    #[error("the plugin cannot be kept in a process of its own: {0}")]
    Process(String),
    /// The filter leaves nothing over.
    #[error("no check has an id with {0:?} in it; without --filter every id is printed")]
    Filter(String),
}

/// Checks a plugin's library, or the one for this machine in a bundle. `tell` hears of each check when it was made.
///
/// # Errors
/// When it did not come to a single check.
pub async fn run(
    file: &Path,
    options: &Options,
    tell: &mut (dyn FnMut(&Checked) + Send),
) -> Result<Report, NotChecked> {
    let mut subject = Subject::new(file, options)?;
    let mut suite = Suite::new(options, tell);
    let found = abi::check(&mut suite, &subject).await;
    if let Some(manifest) = &found {
        subject.reveal(credential::revealed(manifest));
        manifest::check(&mut suite, manifest);
        for node in &manifest.nodes {
            node::check(&mut suite, node);
        }
        load::check(&mut suite, &subject, manifest).await;
        frame::check(&mut suite, &subject, manifest).await;
        call::check(&mut suite, &subject, manifest).await;
        output::check(&mut suite, &subject, manifest).await;
        replay::check(&mut suite, &subject, manifest).await;
        operation::check(&mut suite, &subject, manifest).await;
        fuzz::check(&mut suite, &subject, manifest).await;
    }
    let report = suite.into_report(file, found);
    match (&options.filter, report.checks.is_empty()) {
        (Some(filter), true) => Err(NotChecked::Filter(filter.clone())),
        _ => Ok(report),
    }
}
