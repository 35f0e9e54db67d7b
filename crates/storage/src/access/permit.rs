use std::{fmt, marker::PhantomData};

use super::{Actor, Role, Scope};
use crate::ids::WorkspaceId;

/// Something that a role allows. Implemented by the marker types below.
pub trait Permission: Send + Sync + 'static {
    /// The least role that has it.
    const MINIMUM: Role;
    /// The scope that an API key with scopes needs; `None` for what no scope covers.
    const SCOPE: Option<Scope>;
    /// What it allows, as it stands after "may not" in an error.
    const NAME: &'static str;
}

/// A permission that allows changes.
pub trait WritePermission: Permission {}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident $minimum:ident $scope:expr, $text:literal $($write:ident)?;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub enum $name {}

        impl Permission for $name {
            const MINIMUM: Role = Role::$minimum;
            const SCOPE: Option<Scope> = $scope;
            const NAME: &'static str = $text;
        }

        $(impl $write for $name {}

        impl From<&Permit<$name>> for Permit<Read> {
            fn from(permit: &Permit<$name>) -> Self {
                permit.read()
            }
        })?
    )*

        impl Scope {
            /// The least role that may do what the scope is for: with a lesser one a key has nothing of it.
            pub fn minimum(self) -> Role {
                let all = [$(($scope, Role::$minimum)),*];
                let found = all.into_iter().find(|(scope, _)| *scope == Some(self));
                found.map_or(Role::Owner, |(_, minimum)| minimum)
            }
        }
    };
}

permissions! {
    /// Allows seeing everything but secrets.
    Read Viewer Some(Scope::Read), "read";
    /// Allows creating, saving, publishing and deleting workflows.
    EditWorkflows Editor Some(Scope::EditWorkflows), "edit workflows" WritePermission;
    /// Allows starting, cancelling and answering runs.
    StartRuns Editor Some(Scope::StartRuns), "start runs" WritePermission;
    /// Allows publishing events.
    PublishEvents Editor Some(Scope::PublishEvents), "publish events" WritePermission;
    /// Allows creating, changing and archiving types of events.
    ManageEventTypes Editor Some(Scope::ManageEventTypes), "manage event types" WritePermission;
    /// Allows changing the workspace's rules.
    ManageWorkspace Admin Some(Scope::ManageWorkspace), "change the workspace" WritePermission;
    /// Allows creating, changing and deleting webhook endpoints, and sending to them again.
    ManageWebhooks Editor Some(Scope::ManageWebhooks), "manage webhook endpoints" WritePermission;
    /// Allows setting and deleting variables.
    ManageVariables Editor Some(Scope::ManageVariables), "manage variables" WritePermission;
    /// Allows creating, changing and deleting message templates.
    ManageMessageTemplates Editor Some(Scope::ManageMessageTemplates), "manage message templates" WritePermission;
    /// Allows connecting and disconnecting apps.
    ManageApps Admin Some(Scope::ManageApps), "manage connected apps" WritePermission;
    /// Allows creating, rotating and revoking API keys.
    ManageKeys Admin Some(Scope::ManageKeys), "manage API keys" WritePermission;
    /// Allows inviting users, and changing and ending what they may do.
    ManageUsers Admin None, "manage users" WritePermission;
    /// Allows making workspaces.
    CreateWorkspaces Owner None, "create workspaces" WritePermission;
    /// Allows what everybody may do with their own account.
    OwnAccount Viewer None, "change their own account" WritePermission;
    /// Allows reading who has changed what.
    ReadAuditLog Admin Some(Scope::ReadAuditLog), "read the audit log";
}

/// Proof that somebody may do `P` in one workspace.
pub struct Permit<P> {
    workspace: WorkspaceId,
    actor: Actor,
    permission: PhantomData<fn() -> P>,
}

impl<P: Permission> Permit<P> {
    pub(super) fn granted(workspace: WorkspaceId, actor: Actor) -> Self {
        Self {
            workspace,
            actor,
            permission: PhantomData,
        }
    }

    /// The server's own permit for work that no caller asked for; `part` names who does it.
    pub fn system(workspace: WorkspaceId, part: &'static str) -> Self {
        Self::granted(workspace, Actor::System(part))
    }

    /// The workspace in which it holds.
    pub fn workspace(&self) -> WorkspaceId {
        self.workspace
    }

    /// On whose behalf it is used.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Whoever may do anything may also read.
    pub fn read(&self) -> Permit<Read> {
        Permit::granted(self.workspace, self.actor.clone())
    }
}

impl<P> Clone for Permit<P> {
    fn clone(&self) -> Self {
        Self {
            workspace: self.workspace,
            actor: self.actor.clone(),
            permission: PhantomData,
        }
    }
}

impl<P: Permission> fmt::Debug for Permit<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} may {} in {}", self.actor, P::NAME, self.workspace)
    }
}

/// Why the caller may not do what they asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The role does not allow it.
    #[error("the role `{role}` may not {permission}: this needs the role `{needed}` or higher")]
    Role {
        /// The caller's role.
        role: Role,
        /// The least role that would do.
        needed: Role,
        /// What was asked for.
        permission: &'static str,
    },
    /// The role would allow it, the key's scopes do not.
    #[error("this API key may not {permission}: this needs the scope `{needed}`")]
    Scope {
        /// The scope that would do.
        needed: Scope,
        /// What was asked for.
        permission: &'static str,
    },
    /// No scope covers it.
    #[error("an API key with scopes may not {permission}: this needs one without, or a user")]
    Scoped {
        /// What was asked for.
        permission: &'static str,
    },
}
