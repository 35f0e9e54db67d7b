use async_graphql::Enum;
use jackfield_storage::access;

/// What an API key may be limited to, finer than its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "access::Scope")]
pub enum Scope {
    /// `read`: see everything but secrets.
    Read,
    /// `events:publish`: publish events.
    PublishEvents,
    /// `event-types:manage`: create, change and archive types of events.
    ManageEventTypes,
    /// `webhooks:manage`: create, change and delete webhook endpoints, and send to them again.
    ManageWebhooks,
    /// `workflows:edit`: create, save, publish and delete workflows.
    EditWorkflows,
    /// `workflows:run`: start, cancel and answer runs.
    StartRuns,
    /// `variables:manage`: set and delete variables.
    ManageVariables,
    /// `apps:manage`: connect, change and disconnect apps.
    ManageApps,
    /// `keys:manage`: create, rotate and revoke API keys with no more scopes than the key itself.
    ManageKeys,
    /// `workspace:manage`: change the workspace's rules.
    ManageWorkspace,
    /// `audit-log:read`: read who has changed what.
    ReadAuditLog,
    /// `message-templates:manage`: create, change and delete message templates.
    ManageMessageTemplates,
}

/// The scopes of somebody, as the API shows them.
pub fn shown(scopes: access::Scopes) -> Option<Vec<Scope>> {
    let scopes = scopes.list()?;
    Some(scopes.into_iter().map(Scope::from).collect())
}
