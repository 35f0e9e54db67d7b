use std::{fmt, marker::PhantomData};

use super::{Actor, Role};
use crate::ids::WorkspaceId;

/// Something that a role allows. Implemented by the marker types below.
pub trait Permission: Send + Sync + 'static {
    /// The least role that has it.
    const MINIMUM: Role;
    /// What it allows, as it stands after "may not" in an error.
    const NAME: &'static str;
}

/// A permission that allows changes.
pub trait WritePermission: Permission {}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident $minimum:ident $text:literal $($write:ident)?;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub enum $name {}

        impl Permission for $name {
            const MINIMUM: Role = Role::$minimum;
            const NAME: &'static str = $text;
        }

        $(impl $write for $name {}

        impl From<&Permit<$name>> for Permit<Read> {
            fn from(permit: &Permit<$name>) -> Self {
                permit.read()
            }
        })?
    )*};
}

permissions! {
    /// Allows seeing everything but secrets.
    Read Viewer "read";
    /// Allows creating, saving, publishing and deleting workflows.
    EditWorkflows Editor "edit workflows" WritePermission;
    /// Allows starting, cancelling and answering runs.
    StartRuns Editor "start runs" WritePermission;
    /// Allows publishing events.
    PublishEvents Editor "publish events" WritePermission;
    /// Allows creating, changing and archiving types of events.
    ManageEventTypes Editor "manage event types" WritePermission;
    /// Allows changing the workspace's rules.
    ManageWorkspace Admin "change the workspace" WritePermission;
    /// Allows creating, changing and deleting webhook endpoints, and sending to them again.
    ManageWebhooks Editor "manage webhook endpoints" WritePermission;
    /// Allows setting and deleting variables.
    ManageVariables Editor "manage variables" WritePermission;
    /// Allows connecting and disconnecting apps.
    ManageApps Admin "manage connected apps" WritePermission;
    /// Allows creating and revoking API keys.
    ManageKeys Admin "manage API keys" WritePermission;
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

/// The caller's role does not allow what they asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the role `{role}` may not {permission}: this needs the role `{needed}` or higher")]
pub struct Denied {
    /// The caller's role.
    pub role: Role,
    /// The least role that would do.
    pub needed: Role,
    /// What was asked for.
    pub permission: &'static str,
}
