use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use jackfield_storage::access::{Actor, CreateWorkspaces, Role, Scopes};
use jackfield_storage::api_key::NewApiKey;
use jackfield_storage::workspace::{self, CreateWorkspaceError, NewWorkspace};

use super::Workspace;
use crate::api_key::ApiKey;
use crate::context::ContextExt;
use crate::errors::{UserError, UserErrorCode, internal};

/// The longest name of a workspace, in characters.
const LONGEST_NAME: usize = 100;

/// The workspace of whoever runs the server.
const OPERATOR: &str = "default";

/// The mutation `createWorkspace`.
#[derive(Default)]
pub struct CreateWorkspace;

/// What `createWorkspace` takes.
#[derive(InputObject)]
struct CreateWorkspaceInput {
    /// What people call it, 1 to 100 characters; unique on this server.
    name: String,
}

/// What `createWorkspace` answers.
#[derive(SimpleObject, Default)]
struct CreateWorkspacePayload {
    /// The workspace; null when there are user errors.
    workspace: Option<Workspace>,
    /// The key of the new workspace's owner; null for a user, who is its owner.
    api_key: Option<ApiKey>,
    /// That key itself. It is shown this once and stored nowhere.
    secret: Option<String>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl CreateWorkspace {
    /// Makes a workspace. Only owners of the workspace `default` can: it belongs to whoever runs the server.
    async fn create_workspace(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workspace to make.")] input: CreateWorkspaceInput,
    ) -> Result<CreateWorkspacePayload> {
        let permit = ctx.permit::<CreateWorkspaces>()?;
        let store = ctx.store()?;
        let refuse = |error| {
            Ok(CreateWorkspacePayload {
                user_errors: vec![error],
                ..Default::default()
            })
        };
        let operator = workspace::find_by_name(store.reader(), OPERATOR).await;
        let operator = operator.map_err(internal)?;
        if operator.is_none_or(|operator| operator.id != permit.workspace()) {
            let message = "Only an owner of the workspace `default` can make others.";
            return refuse(UserError::whole(UserErrorCode::Forbidden, message));
        }
        let name = input.name.trim();
        if name.is_empty()
            || name.chars().count() > LONGEST_NAME
            || name.chars().any(char::is_control)
        {
            let message = format!(
                "A name has 1 to {LONGEST_NAME} characters, none of them a control character."
            );
            return refuse(UserError::invalid("name", message));
        }
        let minted = match permit.actor() {
            Actor::User(_) => None,
            _ => Some(ctx.services()?.tokens.api_key()),
        };
        let new = NewWorkspace {
            name: name.to_owned(),
            owner_key: minted.as_ref().map(|minted| NewApiKey {
                name: "Owner".to_owned(),
                integration: None,
                role: Role::Owner,
                scopes: Scopes::All,
                prefix: minted.prefix.clone(),
                hash: minted.hash.clone(),
                expires_at: None,
            }),
        };
        match workspace::create(store, &permit, new).await {
            Ok((row, key)) => Ok(CreateWorkspacePayload {
                workspace: Some(Workspace(row)),
                api_key: key.map(ApiKey),
                secret: minted.map(|minted| minted.secret),
                user_errors: Vec::new(),
            }),
            Err(CreateWorkspaceError::NameTaken) => refuse(UserError {
                code: UserErrorCode::Taken,
                ..UserError::invalid("name", "There is a workspace of this name already.")
            }),
            Err(CreateWorkspaceError::Storage(error)) => Err(internal(error)),
        }
    }
}
