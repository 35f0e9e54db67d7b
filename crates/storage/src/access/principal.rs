use std::{fmt, sync::Arc};

use super::{Denied, Permission, Permit, Role, Scopes};
use crate::ids::{ApiKeyId, SessionId, UserId, WorkspaceId};

/// On whose behalf something is done.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// The holder of an API key.
    ApiKey(ApiKeyId),
    /// A user who has signed in.
    User(UserId),
    /// The subject of an issuer's token.
    Subject(Arc<str>),
    /// A part of the server itself, such as `engine`.
    System(&'static str),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ApiKey(id) => id.fmt(f),
            Self::User(id) => id.fmt(f),
            Self::Subject(subject) => write!(f, "user:{subject}"),
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
    /// What of that their API key is limited to.
    pub scopes: Scopes,
    /// The session in which a user has signed in.
    pub session: Option<SessionId>,
}

impl Principal {
    /// The proof that the caller may do `P`, or why not.
    pub fn permit<P: Permission>(&self) -> Result<Permit<P>, Denied> {
        if self.role < P::MINIMUM {
            return Err(Denied::Role {
                role: self.role,
                needed: P::MINIMUM,
                permission: P::NAME,
            });
        }
        if !self.scopes.allow(P::SCOPE) {
            let permission = P::NAME;
            return Err(match P::SCOPE {
                Some(needed) => Denied::Scope { needed, permission },
                None => Denied::Scoped { permission },
            });
        }
        Ok(Permit::granted(self.workspace, self.actor.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Clock,
        access::{EditWorkflows, ManageKeys, ManageUsers, PublishEvents, Read, Scope},
    };

    fn principal(role: Role) -> Principal {
        Principal {
            workspace: Clock::system().id(),
            actor: Actor::System("test"),
            role,
            scopes: Scopes::All,
            session: None,
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

    #[test]
    fn scopes_narrow_a_role_and_never_widen_it() {
        let with = |role, scopes| Principal {
            scopes: Scopes::only(scopes),
            ..principal(role)
        };
        let publisher = with(Role::Owner, vec![Scope::PublishEvents]);
        assert!(publisher.permit::<PublishEvents>().is_ok());
        let denied = |denied: Denied| denied.to_string();
        insta::assert_snapshot!(denied(publisher.permit::<Read>().unwrap_err()), @"this API key may not read: this needs the scope `read`");
        insta::assert_snapshot!(denied(publisher.permit::<ManageUsers>().unwrap_err()), @"an API key with scopes may not manage users: this needs one without, or a user");
        let viewer = with(Role::Viewer, vec![Scope::PublishEvents]);
        insta::assert_snapshot!(denied(viewer.permit::<PublishEvents>().unwrap_err()), @"the role `viewer` may not publish events: this needs the role `editor` or higher");
    }
}
