//! The command line, as somebody would use it on the server from elsewhere.

use std::process::{Command, Output};

use anyhow::Result;

use super::Jackfield;

/// What a command printed, without the ids of workflows.
#[must_use]
pub fn said(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    let hidden = text
        .split_inclusive([' ', '\n'])
        .map(|word| match word.trim_end() {
            id if id.starts_with("wf_") => word.replace(id, "wf_…"),
            _ => word.to_owned(),
        });
    hidden.collect()
}

impl Jackfield {
    /// Runs `jackfield workflow …` against the server with the owner's key, and with `STRIPE_SECRET` in its environment.
    pub fn workflow_command(&self, arguments: &[&str]) -> Result<Output> {
        let output = Command::new(&self.setup.built.server)
            .arg("workflow")
            .args(arguments)
            .args(["--server", &self.url])
            .env("JACKFIELD_API_KEY", &self.owner_key)
            .env("STRIPE_SECRET", crate::stripe::WEBHOOK_SECRET)
            .output()?;
        Ok(output)
    }
}
