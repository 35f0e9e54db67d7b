use std::path::Path;
use std::time::Instant;

use jackfield_plugin_abi::messages::Manifest;

use super::Options;
use super::catalogue::Rule;
use super::report::{Checked, Report, Verdict};

/// Gathers what is found.
pub(super) struct Suite<'a> {
    pub(super) seed: u64,
    filter: Option<String>,
    checks: Vec<Checked>,
    began: Instant,
    tell: Tell<'a>,
}

/// Is told of each check when it was made.
pub(super) type Tell<'a> = &'a mut (dyn FnMut(&Checked) + Send);

impl<'a> Suite<'a> {
    pub(super) fn new(options: &Options, tell: Tell<'a>) -> Self {
        Self {
            seed: options.seed,
            filter: options.filter.clone(),
            checks: Vec::new(),
            began: Instant::now(),
            tell,
        }
    }

    /// Whether a check is asked for.
    pub(super) fn wants(&self, rule: &Rule, of: &str) -> bool {
        let filter = self.filter.as_deref();
        filter.is_none_or(|part| id(rule, of).contains(part))
    }

    /// Writes down how a check ended.
    pub(super) fn note(&mut self, rule: &'static Rule, of: &str, verdict: Verdict) {
        if self.wants(rule, of) {
            let id = id(rule, of);
            let checked = Checked { id, rule, verdict };
            (self.tell)(&checked);
            self.checks.push(checked);
        }
    }

    pub(super) fn into_report(self, file: &Path, manifest: Option<Manifest>) -> Report {
        Report {
            file: file.display().to_string(),
            plugin: manifest.map(|manifest| (manifest.name, manifest.version)),
            seed: self.seed,
            checks: self.checks,
            took: self.began.elapsed(),
        }
    }
}

fn id(rule: &Rule, of: &str) -> String {
    match rule.per {
        Some(_) => format!("{}.{of}", rule.key),
        None => rule.key.to_owned(),
    }
}
