//! `run` in expressions.

use std::sync::Arc;

use jackfield_storage::Timestamp;
use jackfield_storage::ids::{RunId, WorkflowId};
use jackfield_storage::run::Run;
use minijinja::value::{Enumerator, Object};

use crate::approval::ApprovalLinks;
use crate::expression::Value;
use crate::machine::ItemPath;

/// `id`, `workflowId`, `createdAt`, and `approvals`: the link to each approval by the key of its node. Nothing is computed
/// that nobody asks for.
#[derive(Debug)]
pub(super) struct Facts {
    id: RunId,
    workflow: WorkflowId,
    created_at: Timestamp,
    links: ApprovalLinks,
    path: ItemPath,
}

/// `run.approvals`.
#[derive(Debug)]
struct Approvals(Arc<Facts>);

impl Facts {
    pub fn new(run: &Run, links: &ApprovalLinks, path: &ItemPath) -> Facts {
        Facts {
            id: run.id,
            workflow: run.workflow_id,
            created_at: run.created_at,
            links: links.clone(),
            path: path.clone(),
        }
    }
}

impl Object for Facts {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "id" => Some(self.id.to_string().into()),
            "workflowId" => Some(self.workflow.to_string().into()),
            "createdAt" => Some(self.created_at.to_string().into()),
            "approvals" => Some(Value::from_object(Approvals(self.clone()))),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&["id", "workflowId", "createdAt"])
    }
}

impl Object for Approvals {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let Facts {
            id, links, path, ..
        } = &*self.0;
        Some(links.url(*id, key.as_str()?, path).into())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&[])
    }
}
