//! What another process committed.

use std::{collections::HashSet, fmt::Write};

use ulid::Ulid;

use super::Change;
use crate::{
    Timestamp,
    ids::{Id, RunId},
    run::{Run, RunStatus},
};

/// How many runs a notification names. PostgreSQL takes less than 8,000 bytes, a run is 27 of them.
const MOST_RUNS: usize = 256;

/// Something that another process committed: the positions, and as much as is known about the rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    after: i64,
    upto: i64,
    touched: Touched,
}

/// What is known about rows that were committed together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Touched {
    events: bool,
    workflows: bool,
    apps: bool,
    resources: bool,
    /// Types of events, or the rules by which they are used.
    catalogue: bool,
    endpoints: bool,
    deliveries: bool,
    access: bool,
    variables: bool,
    hooks: bool,
    message_templates: bool,
    /// When a run becomes due that nobody works on.
    due: Option<Timestamp>,
    runs: Runs,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Runs {
    These(HashSet<RunId>),
    /// Too many to name, or not known.
    Any,
}

impl Default for Runs {
    fn default() -> Self {
        Self::These(HashSet::new())
    }
}

impl Elsewhere {
    pub(crate) fn new(after: i64, upto: i64, touched: Touched) -> Self {
        Self {
            after,
            upto,
            touched,
        }
    }

    /// Something of which only the positions are known.
    pub(crate) fn unknown(after: i64, upto: i64) -> Self {
        Self::new(after, upto, Touched::anything())
    }

    /// The last position before it.
    pub fn after(&self) -> i64 {
        self.after
    }

    /// Its last position.
    pub fn upto(&self) -> i64 {
        self.upto
    }

    /// Whether an event may have been appended.
    pub fn may_have_events(&self) -> bool {
        self.touched.events
    }

    /// Whether a workflow may have changed.
    pub fn may_have_workflows(&self) -> bool {
        self.touched.workflows
    }

    /// Whether a connected app may have changed.
    pub fn may_have_connected_apps(&self) -> bool {
        self.touched.apps
    }

    /// Whether a resource of a connected app may have changed.
    pub fn may_have_resources(&self) -> bool {
        self.touched.resources
    }

    /// Whether a type of events, or the rules of a workspace, may have changed.
    pub fn may_have_event_types(&self) -> bool {
        self.touched.catalogue
    }

    /// Whether a webhook endpoint may have changed.
    pub fn may_have_webhook_endpoints(&self) -> bool {
        self.touched.endpoints
    }

    /// Whether a delivery may have come into being or changed.
    pub fn may_have_deliveries(&self) -> bool {
        self.touched.deliveries
    }

    /// Whether what an API key or a user may do has changed or ended.
    pub fn may_have_access(&self) -> bool {
        self.touched.access
    }

    /// Whether a variable may have been set or deleted.
    pub fn may_have_variables(&self) -> bool {
        self.touched.variables
    }

    /// Whether a hook may have changed.
    pub fn may_have_inbound_hooks(&self) -> bool {
        self.touched.hooks
    }

    /// Whether a message template may have changed.
    pub fn may_have_message_templates(&self) -> bool {
        self.touched.message_templates
    }

    /// Whether this run or its steps may have changed.
    pub fn may_have_run(&self, id: RunId) -> bool {
        match &self.touched.runs {
            Runs::These(runs) => runs.contains(&id),
            Runs::Any => true,
        }
    }

    /// The earliest instant at which a run may be due because of it; the past when it is at once.
    pub fn due(&self) -> Option<Timestamp> {
        self.touched.due
    }
}

impl Touched {
    fn anything() -> Self {
        Self {
            events: true,
            workflows: true,
            apps: true,
            resources: true,
            catalogue: true,
            endpoints: true,
            deliveries: true,
            access: true,
            variables: true,
            hooks: true,
            message_templates: true,
            due: Some(Timestamp::EPOCH),
            runs: Runs::Any,
        }
    }

    pub fn event(&mut self) {
        self.events = true;
    }

    pub fn delivery(&mut self) {
        self.deliveries = true;
    }

    pub fn run(&mut self, run: &Run) {
        let due = match run.status {
            RunStatus::Queued | RunStatus::Waiting => run.due_at,
            _ => None,
        };
        self.due = self.due.into_iter().chain(due).min();
        self.run_id(run.id);
    }

    /// A run that has something to look at, if it waits.
    pub fn woken(&mut self, id: RunId) {
        self.due = Some(Timestamp::EPOCH);
        self.run_id(id);
    }

    fn run_id(&mut self, id: RunId) {
        if let Runs::These(runs) = &mut self.runs {
            runs.insert(id);
            if runs.len() > MOST_RUNS {
                self.runs = Runs::Any;
            }
        }
    }

    pub fn change(&mut self, change: &Change) {
        match change {
            Change::Event(_) => self.event(),
            Change::Run(run) => self.run(run),
            Change::Step(step) => self.run_id(step.run_id),
            Change::Workflow(_) => self.workflows = true,
            Change::ConnectedApp(_) => self.apps = true,
            Change::Resource(_) => self.resources = true,
            Change::EventType(_) | Change::Workspace(_) => self.catalogue = true,
            Change::WebhookEndpoint(_) => self.endpoints = true,
            Change::Delivery(..) => self.delivery(),
            Change::Access(..) => self.access = true,
            Change::Variable(..) => self.variables = true,
            Change::InboundHook(_) => self.hooks = true,
            Change::MessageTemplate(_) => self.message_templates = true,
            Change::Elsewhere(_) => {}
        }
    }

    /// As it stands in a notification: kinds, due instant, runs.
    pub fn text(&self) -> String {
        let mut text = String::from("-");
        let kinds = [
            ('e', self.events),
            ('w', self.workflows),
            ('a', self.apps),
            ('r', self.resources),
            ('c', self.catalogue),
            ('h', self.endpoints),
            ('d', self.deliveries),
            ('k', self.access),
            ('v', self.variables),
            ('i', self.hooks),
            ('m', self.message_templates),
        ];
        for (letter, set) in kinds {
            if set {
                text.push(letter);
            }
        }
        match self.due {
            // Writing to a String cannot fail.
            Some(due) => drop(write!(text, " {} ", due.as_micros())),
            None => text.push_str(" - "),
        }
        match &self.runs {
            Runs::Any => text.push('*'),
            Runs::These(runs) => {
                for run in runs {
                    let _ = write!(text, "{},", run.ulid());
                }
            }
        }
        text
    }

    /// Reads [`text`](Self::text). What a newer release has added is not understood and ignored;
    /// what is damaged counts as anything.
    pub fn parse(text: &str) -> Self {
        Self::try_parse(text).unwrap_or_else(Self::anything)
    }

    fn try_parse(text: &str) -> Option<Self> {
        let mut parts = text.split(' ');
        let kinds = parts.next()?;
        let due = match parts.next()? {
            "-" => None,
            micros => Some(Timestamp::from_micros(micros.parse().ok()?)),
        };
        let runs = match parts.next()? {
            "*" => Runs::Any,
            list => Runs::These(
                list.split_terminator(',')
                    .map(|id| Some(RunId::from_ulid(Ulid::from_string(id).ok()?)))
                    .collect::<Option<_>>()?,
            ),
        };
        Some(Self {
            events: kinds.contains('e'),
            workflows: kinds.contains('w'),
            apps: kinds.contains('a'),
            resources: kinds.contains('r'),
            catalogue: kinds.contains('c'),
            endpoints: kinds.contains('h'),
            deliveries: kinds.contains('d'),
            access: kinds.contains('k'),
            variables: kinds.contains('v'),
            hooks: kinds.contains('i'),
            message_templates: kinds.contains('m'),
            due,
            runs,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Clock;

    #[test]
    fn a_notification_reads_back() {
        let clock = Clock::system();
        let mut touched = Touched::default();
        assert_eq!(Touched::parse(&touched.text()), touched);
        touched.event();
        for _ in 0..MOST_RUNS {
            touched.run_id(clock.id());
        }
        touched.due = Some(clock.now());
        assert_eq!(Touched::parse(&touched.text()), touched);
        assert!(touched.text().len() < 7_500);
        touched.run_id(clock.id());
        assert_eq!(touched.runs, Runs::Any);
        assert_eq!(Touched::parse(&touched.text()), touched);
    }

    #[test]
    fn what_cannot_be_read_may_be_anything() {
        for text in ["", "-e", "-e x *", "-e - run_1,"] {
            assert_eq!(Touched::parse(text), Touched::anything(), "{text}");
        }
    }
}
