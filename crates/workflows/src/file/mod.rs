//! Workflows as files, which a repository can hold: YAML or JSON, the same definition always as the same text.
//!
//! A file holds no ids. The workflow is known by its name, and a connected app by its name, which `connectedApp` holds in
//! place of `connectedAppId`. Secrets are not part of a file: a webhook that has one says `secret: {set: true}`.

mod read;
mod write;

use jackfield_storage::connected_app::ConnectedApp;
use serde_json::Value;

use crate::definition::Document;

/// The first member of a file, by which it is recognised.
pub const FORMAT: &str = "workflow/v1";

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// YAML 1.2.
    Yaml,
    /// JSON with line breaks.
    Json,
}

/// A workflow as a file has it.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkflowFile {
    /// What people call the workflow.
    pub name: String,
    /// Its definition as it is checked, with the names of connected apps in place of their ids.
    pub definition: Value,
}

impl WorkflowFile {
    /// The file of a workflow. An app that is gone is left out.
    pub fn of(name: &str, document: &Document, apps: &[ConnectedApp]) -> WorkflowFile {
        WorkflowFile {
            name: name.to_owned(),
            definition: write::definition(document, apps),
        }
    }
}
