//! The end of a test.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::json;

use super::{Jackfield, log};

const UNFINISHED: &str = "query($status: RunStatus!) {
    runs(filter: {status: $status}) { totalCount nodes { id status steps { nodeKey status error } } }
}";

impl Jackfield {
    /// Checks that no job is left unprocessed and that nothing panicked, then stops the server in good order.
    pub async fn finish(mut self) -> Result<()> {
        for status in ["QUEUED", "RUNNING", "WAITING"] {
            let left = self
                .owner()
                .data_with(UNFINISHED, json!({"status": status}))
                .await?;
            ensure!(
                left["runs"]["totalCount"] == 0,
                "the test leaves runs unprocessed: {:#}",
                left["runs"]["nodes"]
            );
        }
        self.terminate().await?;
        log::check(self.home.path())?;
        self.finished = true;
        Ok(())
    }

    /// Sends SIGTERM; the server must exit with code 0 within 10 seconds.
    pub async fn terminate(&mut self) -> Result<()> {
        self.process.terminate()?;
        let status = self.process.exited(Duration::from_secs(10)).await?;
        ensure!(
            status.success(),
            "after SIGTERM the server ended with {status}"
        );
        Ok(())
    }
}
