use std::time::Duration;

use serde::Serialize;

use super::catalogue::Rule;

/// How a check ended, with a sentence about what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Pass(String),
    /// It holds, but people will not like it.
    Warn(String),
    /// It does not hold.
    Fail(String),
    /// It says nothing about this plugin.
    Skip(String),
}

impl Verdict {
    /// `pass`, `warn`, `fail` or `skip`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Pass(_) => "pass",
            Self::Warn(_) => "warn",
            Self::Fail(_) => "fail",
            Self::Skip(_) => "skip",
        }
    }

    /// What was found.
    pub fn found(&self) -> &str {
        match self {
            Self::Pass(found) | Self::Warn(found) | Self::Fail(found) | Self::Skip(found) => found,
        }
    }
}

/// One check that was made.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Its stable id, e.g. `node.run.acme-send`.
    pub id: String,
    /// The rule behind it.
    pub rule: &'static Rule,
    /// How it ended.
    pub verdict: Verdict,
}

impl Checked {
    /// What to do, when there is something to do.
    pub fn remedy(&self) -> Option<&'static str> {
        matches!(self.verdict, Verdict::Warn(_) | Verdict::Fail(_)).then_some(self.rule.remedy)
    }
}

/// All checks of a plugin.
#[derive(Clone, Debug)]
pub struct Report {
    /// The file as it was given.
    pub file: String,
    /// The plugin's name and version, when its manifest could be read.
    pub plugin: Option<(String, String)>,
    /// What chance began with.
    pub seed: u64,
    /// In the order in which they were made.
    pub checks: Vec<Checked>,
    /// How long all of it took.
    pub took: Duration,
}

impl Report {
    /// How many checks ended this way: `pass`, `warn`, `fail` or `skip`.
    pub fn count(&self, verdict: &str) -> usize {
        let ended = |checked: &&Checked| checked.verdict.name() == verdict;
        self.checks.iter().filter(ended).count()
    }

    /// Whether nothing failed.
    pub fn is_good(&self) -> bool {
        self.count("fail") == 0
    }

    /// One JSON document with everything but the time that it took, so that two runs with one seed can be compared.
    pub fn to_json(&self) -> serde_json::Value {
        let plugin = self.plugin.as_ref();
        serde_json::json!({
            "file": self.file,
            "plugin": plugin.map(|(name, version)| serde_json::json!({"name": name, "version": version})),
            "seed": self.seed,
            "summary": {
                "passed": self.count("pass"),
                "failed": self.count("fail"),
                "warned": self.count("warn"),
                "skipped": self.count("skip"),
            },
            "checks": self.checks.iter().map(Line::of).collect::<Vec<_>>(),
        })
    }
}

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    verdict: &'static str,
    found: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<&'static str>,
}

impl<'a> Line<'a> {
    fn of(checked: &'a Checked) -> Self {
        Self {
            id: &checked.id,
            verdict: checked.verdict.name(),
            found: checked.verdict.found(),
            remedy: checked.remedy(),
        }
    }
}
