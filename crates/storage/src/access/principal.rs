use std::{fmt, sync::Arc};

use super::{Denied, Permission, Permit, Role};
use crate::ids::{ApiKeyId, WorkspaceId};

/// On whose behalf something is done.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// The holder of an API key.
    ApiKey(ApiKeyId),
    /// The subject of a session or of an issuer's token.
    User(Arc<str>),
    /// A part of the server itself, such as `engine`.
    System(&'static str),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ApiKey(id) => id.fmt(f),
            Self::User(subject) => write!(f, "user:{subject}"),
            Self::System(part) => write!(f, "system:{part}"),
        }
    }
}

/// An authenticated caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The only workspace that the caller can see.
    pub workspace: WorkspaceId,
    /// Who it is.
    pub actor: Actor,
    /// What they may do.
    pub role: Role,
}

impl Principal {
    /// The proof that the caller may do `P`, or why not.
    pub fn permit<P: Permission>(&self) -> Result<Permit<P>, Denied> {
        if self.role >= P::MINIMUM {
            Ok(Permit::granted(self.workspace, self.actor.clone()))
        } else {
            Err(Denied {
                role: self.role,
                needed: P::MINIMUM,
                permission: P::NAME,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Clock,
        access::{EditWorkflows, ManageKeys, Read},
    };

    fn principal(role: Role) -> Principal {
        Principal {
            workspace: Clock::system().id(),
            actor: Actor::System("test"),
            role,
        }
    }

    #[test]
    fn a_role_may_do_what_lesser_roles_may() {
        assert!(principal(Role::Viewer).permit::<Read>().is_ok());
        assert!(principal(Role::Editor).permit::<EditWorkflows>().is_ok());
        assert!(principal(Role::Owner).permit::<ManageKeys>().is_ok());
    }

    #[test]
    fn a_denial_says_what_would_help() {
        let denied = principal(Role::Viewer)
            .permit::<EditWorkflows>()
            .unwrap_err();
        assert_eq!(
            denied.to_string(),
            "the role `viewer` may not edit workflows: this needs the role `editor` or higher"
        );
    }
}
