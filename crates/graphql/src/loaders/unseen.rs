//! Columns of documents and texts, which are read only for the fields that show them.

use jackfield_storage::{delivery_attempt, event, run, step};

/// The columns of runs that are not always read, with the fields that show them.
pub const UNSEEN_OF_RUNS: [(run::Column, &[&str]); 4] = [
    (run::Column::Input, &["input"]),
    (run::Column::Output, &["output"]),
    (run::Column::Error, &["error"]),
    (run::Column::Pins, &[]),
];

/// Those of steps.
pub const UNSEEN_OF_STEPS: [(step::Column, &[&str]); 5] = [
    (step::Column::Input, &["input"]),
    (step::Column::Output, &["output"]),
    (step::Column::Error, &["error"]),
    (step::Column::Warnings, &["warnings"]),
    (step::Column::PluginSha256, &["pluginSha256"]),
];

/// Those of events.
pub const UNSEEN_OF_EVENTS: [(event::Column, &[&str]); 2] = [
    (event::Column::Data, &["data"]),
    (event::Column::Request, &["request", "replayOf"]),
];

/// Those of attempts.
pub const UNSEEN_OF_ATTEMPTS: [(delivery_attempt::Column, &[&str]); 2] = [
    (
        delivery_attempt::Column::RequestHeaders,
        &["requestHeaders"],
    ),
    (delivery_attempt::Column::ResponseBody, &["responseBody"]),
];
