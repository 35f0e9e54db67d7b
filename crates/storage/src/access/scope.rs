use std::fmt;

use crate::text_enum::text_enum;

text_enum! {
    /// What an API key may be limited to, finer than its role. A key without scopes may do all that its role allows.
    #[derive(PartialOrd, Ord)]
    pub enum Scope {
        /// See everything but secrets.
        Read => "read",
        /// Publish events.
        PublishEvents => "events:publish",
        /// Create, change and archive types of events.
        ManageEventTypes => "event-types:manage",
        /// Create, change and delete webhook endpoints, and send to them again.
        ManageWebhooks => "webhooks:manage",
        /// Create, save, publish and delete workflows.
        EditWorkflows => "workflows:edit",
        /// Start, cancel and answer runs.
        StartRuns => "workflows:run",
        /// Set and delete variables.
        ManageVariables => "variables:manage",
        /// Connect, change and disconnect apps.
        ManageApps => "apps:manage",
        /// Create, rotate and revoke API keys that have no more scopes than the key itself.
        ManageKeys => "keys:manage",
        /// Change the workspace's rules.
        ManageWorkspace => "workspace:manage",
        /// Read who has changed what.
        ReadAuditLog => "audit-log:read",
        /// Create, change and delete message templates.
        ManageMessageTemplates => "message-templates:manage",
    }
}

/// The scopes of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scopes {
    /// Whatever the role allows.
    All,
    /// Only these, one bit each, as far as the role allows them.
    Only(u32),
}

impl Scopes {
    /// Only these.
    pub fn only(scopes: impl IntoIterator<Item = Scope>) -> Self {
        Self::Only(scopes.into_iter().fold(0, |bits, scope| bits | bit(scope)))
    }

    /// Whether what needs `scope` may be done; `None` stands for what no scope covers.
    pub fn allow(self, scope: Option<Scope>) -> bool {
        match (self, scope) {
            (Self::All, _) => true,
            (Self::Only(bits), Some(scope)) => bits & bit(scope) != 0,
            (Self::Only(_), None) => false,
        }
    }

    /// Whether these allow nothing that `others` do not.
    pub fn within(self, others: Self) -> bool {
        match (self, others) {
            (_, Self::All) => true,
            (Self::All, Self::Only(_)) => false,
            (Self::Only(these), Self::Only(others)) => these & !others == 0,
        }
    }

    /// The scopes, or none for whatever the role allows.
    pub fn list(self) -> Option<Vec<Scope>> {
        let Self::Only(bits) = self else {
            return None;
        };
        let has = |scope: &Scope| bits & bit(*scope) != 0;
        Some(Scope::ALL.iter().copied().filter(has).collect())
    }

    /// As they are stored: words with spaces between them.
    pub(crate) fn stored(self) -> Option<String> {
        let words = self.list()?.into_iter().map(Scope::as_str);
        Some(words.collect::<Vec<_>>().join(" "))
    }

    /// What was stored. A word that a newer release has written allows nothing here.
    pub(crate) fn of_stored(stored: Option<&str>) -> Self {
        stored.map_or(Self::All, |words| {
            Self::only(words.split(' ').filter_map(|word| word.parse().ok()))
        })
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.stored().as_deref().unwrap_or("all"))
    }
}

const fn bit(scope: Scope) -> u32 {
    1 << scope as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_read_back_as_they_are_stored() {
        for scopes in [
            Scopes::All,
            Scopes::only([]),
            Scopes::only([Scope::Read, Scope::ManageApps]),
            Scopes::only(Scope::ALL.iter().copied()),
        ] {
            assert_eq!(Scopes::of_stored(scopes.stored().as_deref()), scopes);
        }
        let newer = Scopes::of_stored(Some("read planets:move"));
        assert_eq!(newer, Scopes::only([Scope::Read]));
    }

    #[test]
    fn what_no_scope_covers_needs_a_caller_without_scopes() {
        let every = Scopes::only(Scope::ALL.iter().copied());
        assert!(every.allow(Some(Scope::ManageKeys)) && !every.allow(None));
        assert!(Scopes::All.allow(None));
        assert!(every.within(Scopes::All) && !Scopes::All.within(every));
        assert!(Scopes::only([Scope::Read]).within(every));
        assert!(!every.within(Scopes::only([Scope::Read])));
    }
}
