use async_graphql::{Context, Enum, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::EditWorkflows;
use jackfield_workflows as workflows;

use super::Workflow;
use super::diff::WorkflowDiff;
use super::outcome::outcome;
use crate::context::ContextExt;
use crate::errors::UserError;

/// The mutation `applyWorkflow`.
#[derive(Default)]
pub struct ApplyWorkflow;

/// What `applyWorkflow` takes.
#[derive(InputObject)]
struct ApplyWorkflowInput {
    /// The text of the file, in YAML or JSON, as `WorkflowVersion.file` writes it.
    file: String,
    /// Whether to publish it too.
    #[graphql(default)]
    publish: bool,
    /// Whether only to say what would be done.
    #[graphql(default)]
    dry_run: bool,
    /// Secrets for webhooks that have none yet. One that is there stays.
    #[graphql(default)]
    secrets: Vec<WebhookSecretInput>,
}

/// The secret of a webhook.
#[derive(InputObject)]
struct WebhookSecretInput {
    /// The key of the webhook's node.
    node_key: String,
    /// What the sender signs with. It is never read back.
    secret: String,
}

/// What was written of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "workflows::Outcome")]
enum ApplyOutcome {
    /// There was no workflow of that name.
    Created,
    /// The draft was another one.
    Changed,
    /// The draft was this one, and nothing was written.
    Unchanged,
}

/// What `applyWorkflow` answers.
#[derive(SimpleObject)]
struct ApplyWorkflowPayload {
    /// The workflow; null when there are user errors, and when it would have been created.
    workflow: Option<Workflow>,
    /// What was written, or would be; null when there are user errors.
    outcome: Option<ApplyOutcome>,
    /// Whether another version was published, or would be.
    published: bool,
    /// What is different from the draft that was there; null when there are user errors.
    diff: Option<WorkflowDiff>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl ApplyWorkflow {
    /// Makes the workflow with the file's name what the file says; creates it when there is none. Applied again, it writes
    /// nothing.
    async fn apply_workflow(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The file.")] input: ApplyWorkflowInput,
    ) -> Result<ApplyWorkflowPayload> {
        let permit = ctx.permit::<EditWorkflows>()?;
        let secrets = input.secrets.into_iter();
        let apply = workflows::ApplyWorkflow {
            file: input.file,
            publish: input.publish,
            dry_run: input.dry_run,
            secrets: secrets
                .map(|given| (given.node_key, given.secret))
                .collect(),
        };
        let applied = ctx.services()?.workflows.apply(&permit, apply).await;
        let (applied, user_errors) = outcome(applied)?;
        let Some(applied) = applied else {
            return Ok(ApplyWorkflowPayload {
                workflow: None,
                outcome: None,
                published: false,
                diff: None,
                user_errors,
            });
        };
        Ok(ApplyWorkflowPayload {
            workflow: applied.workflow.map(Workflow),
            outcome: Some(applied.outcome.into()),
            published: applied.published,
            diff: Some(applied.diff.into()),
            user_errors,
        })
    }
}
