//! Approvals: what a person is asked, and what they answer.

use aws_lc_rs::hmac;
use jackfield_storage::Json;
use jackfield_storage::access::{Permit, StartRuns};
use jackfield_storage::ids::{RunId, StepId};
use jackfield_storage::signal::{self, Posted, Signal, SignalKind};
use jackfield_storage::step::{self, Step, StepStatus};
use jackfield_storage::{Problem, ProblemCode, StorageError, run, workflow_version};
use serde::{Deserialize, Serialize};

use crate::definition::Document;
use crate::machine::ItemPath;
use crate::workflow::{Workflows, missing};

/// Bytes of a link's signature: enough that nobody guesses one.
const TAG: usize = 20;

/// The longest comment, in bytes.
const MAX_COMMENT: usize = 10_000;

/// Makes and checks the links by which people answer without any other credential.
///
/// A link names the run and the node, so any step may send it before the approval is reached. Whoever has the link may
/// answer, once.
#[derive(Clone)]
pub struct ApprovalLinks {
    base: std::sync::Arc<str>,
    key: hmac::Key,
}

/// What a person answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Decision {
    /// Yes.
    Approved,
    /// No.
    Rejected,
}

/// An answer, as it leaves the step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decided {
    /// Yes or no.
    pub decision: Decision,
    /// What the person said about it.
    pub comment: Option<String>,
    /// Who answered: `link`, or the name of the API key or the person.
    pub decided_by: String,
    /// When.
    pub decided_at: jackfield_storage::Timestamp,
}

/// An approval that a link leads to.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The step, once it is reached.
    pub step: Option<Step>,
    /// Whether the run is over.
    pub over: bool,
}

/// Why an answer was not taken.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// Something about the answer has to be changed, or it comes at the wrong time.
    #[error("{}", .0.message)]
    Rejected(Problem),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl std::fmt::Debug for ApprovalLinks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ApprovalLinks({})", self.base)
    }
}

/// What a link says, its signature checked.
#[derive(Debug, PartialEq, Eq)]
struct Link {
    run: RunId,
    node_key: String,
    path: ItemPath,
}

impl ApprovalLinks {
    /// Links below `base`, the server's public URL, signed with `key`.
    pub fn new(base: &str, key: &[u8]) -> ApprovalLinks {
        ApprovalLinks {
            base: base.trim_end_matches('/').into(),
            key: hmac::Key::new(hmac::HMAC_SHA256, key),
        }
    }

    /// The link to one approval.
    pub fn url(&self, run: RunId, node_key: &str, path: &ItemPath) -> String {
        let named = named(run, node_key, path);
        let tag = self.tag(&named);
        format!("{}/approvals/{named}~{tag}", self.base)
    }

    fn tag(&self, named: &str) -> String {
        let tag = hmac::sign(&self.key, format!("approval~{named}").as_bytes());
        hex::encode(&tag.as_ref()[..TAG])
    }

    /// What the last part of a link's path names; none when this server has not signed it.
    fn read(&self, token: &str) -> Option<Link> {
        let (named, tag) = token.rsplit_once('~')?;
        let expected = self.tag(named);
        aws_lc_rs::constant_time::verify_slices_are_equal(expected.as_bytes(), tag.as_bytes())
            .ok()?;
        let mut parts = named.split('~');
        let (run, node_key, path) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Link {
            run: run.parse().ok()?,
            node_key: node_key.to_owned(),
            path: path.parse().ok()?,
        })
    }
}

fn named(run: RunId, node_key: &str, path: &ItemPath) -> String {
    format!("{run}~{node_key}~{path}")
}

impl Workflows {
    /// The approval that a link leads to; none when this server has not made the link.
    pub async fn asked(&self, token: &str) -> Result<Option<Asked>, StorageError> {
        let Some(link) = self.0.approvals.read(token) else {
            return Ok(None);
        };
        let db = self.0.store.reader();
        let Some(run) = run::find_linked(db, link.run).await? else {
            return Ok(None);
        };
        let permit = Permit::system(run.workspace_id, "approvals");
        let path = link.path.to_string();
        let step = step::find_by_node(db, &permit, run.id, &link.node_key, &path).await?;
        Ok(Some(Asked {
            step,
            over: run.status.is_finished(),
        }))
    }

    /// Takes the answer of whoever has the link.
    pub async fn decide_by_link(
        &self,
        token: &str,
        decision: Decision,
        comment: Option<String>,
    ) -> Result<(), DecideError> {
        let asked = self.asked(token).await?;
        let step = asked.and_then(|asked| asked.step).ok_or_else(not_waiting)?;
        let permit = Permit::system(step.workspace_id, "approvals");
        self.take(&permit, &step, decision, comment, "link".to_owned())
            .await
    }

    /// Takes an answer to an approval.
    pub async fn decide(
        &self,
        permit: &Permit<StartRuns>,
        step: StepId,
        decision: Decision,
        comment: Option<String>,
    ) -> Result<Step, DecideError> {
        let found = step::find(self.0.store.reader(), &permit.read(), step).await?;
        let found = found.ok_or_else(|| {
            let message = "there is no such step";
            DecideError::Rejected(Problem::new(["stepId"], ProblemCode::NotFound, message))
        })?;
        let by = permit.actor().to_string();
        self.take(permit, &found, decision, comment, by).await?;
        Ok(found)
    }

    async fn take(
        &self,
        permit: &Permit<StartRuns>,
        step: &Step,
        decision: Decision,
        comment: Option<String>,
        decided_by: String,
    ) -> Result<(), DecideError> {
        if comment
            .as_ref()
            .is_some_and(|text| text.len() > MAX_COMMENT)
        {
            let message = format!("the comment may have at most {MAX_COMMENT} bytes");
            let problem = Problem::new(["comment"], ProblemCode::TooLarge, message);
            return Err(DecideError::Rejected(problem));
        }
        if step.status != StepStatus::Waiting || !self.is_approval(step).await? {
            return Err(not_waiting());
        }
        let clock = self.0.store.clock();
        let decided = Decided {
            decision,
            comment: comment.filter(|text| !text.trim().is_empty()),
            decided_by,
            decided_at: clock.now(),
        };
        let signal = Signal {
            id: clock.id(),
            workspace_id: step.workspace_id,
            run_id: step.run_id,
            step_id: Some(step.id),
            kind: SignalKind::Decide,
            body: Json::of(&decided).unwrap_or_else(|_| Json::null()),
            created_at: clock.now(),
        };
        match self.post(permit, signal).await? {
            Posted::Taken(_) => Ok(()),
            Posted::Repeated | Posted::TooLate => Err(not_waiting()),
        }
    }

    /// Whether the step is one of an approval, and not of another node that waits. That does not depend on the plugins that
    /// there are: an answer to a run that cannot go on wakes it, so that it says so.
    async fn is_approval(&self, step: &Step) -> Result<bool, StorageError> {
        let permit = Permit::system(step.workspace_id, "approvals");
        let db = self.0.store.reader();
        let run = run::find(db, &permit, step.run_id).await?;
        let run = run.ok_or_else(|| missing(step.run_id))?;
        let version = workflow_version::find(db, &permit, run.workflow_version_id).await?;
        let document = version.and_then(|version| version.definition.parse::<Document>().ok());
        let mut nodes = document.iter().flat_map(|document| &document.nodes);
        let node = nodes.find(|node| node.key == step.node_key);
        Ok(node.is_some_and(|node| node.kind == "approval"))
    }

    pub(crate) async fn post(
        &self,
        permit: &Permit<StartRuns>,
        signal: Signal,
    ) -> Result<Posted, StorageError> {
        let writer = self.0.store.writer();
        writer
            .call(permit, |call| {
                Box::pin(async move { signal::post(call, signal).await })
            })
            .await
    }
}

fn not_waiting() -> DecideError {
    let message = "nobody is asked here at the moment: the run has not come to it, it was answered already, or it is over";
    DecideError::Rejected(Problem::new(["stepId"], ProblemCode::Conflict, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_read_by_whoever_signed_it_and_by_nobody_else() {
        let links = ApprovalLinks::new("https://jackfield.example.com/", &[7; 32]);
        let run: RunId = "run_01HF7YAT00000000000000001A".parse().unwrap();
        let url = links.url(run, "sign-off", &ItemPath::default().child(2));
        let token = url
            .strip_prefix("https://jackfield.example.com/approvals/")
            .unwrap();
        let link = links.read(token).unwrap();
        assert_eq!((link.run, &*link.node_key), (run, "sign-off"));
        assert_eq!(link.path.to_string(), "2");
        assert_eq!(links.read(&token.replace("sign-off", "sign-on")), None);
        assert_eq!(links.read(&token[..token.len() - 1]), None);
        let others = ApprovalLinks::new("https://jackfield.example.com", &[8; 32]);
        assert_eq!(others.read(token), None);
    }
}
