//! Asks a provider whether it takes credentials.

use jackfield_plugin_host::messages::{CallError, code as host};
use jackfield_storage::{
    Problem, ProblemCode, Timestamp,
    connected_app::{AppCondition, ConnectedApp},
    credential_use::UsePurpose,
    ids::WorkspaceId,
};

use super::{AppError, ConnectedApps, OpenApp, ask::Questions};
use crate::{code, grant::wants_grant};

/// What came of asking. The default is that nobody has asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tested {
    #[default]
    Never,
    /// The provider takes them; with whose account it is, if it says so.
    Accepted(Option<String>),
    /// It does not.
    Refused(String),
    /// It could not be asked.
    Unanswered(String),
}

impl Tested {
    pub(crate) fn of(error: &CallError) -> Self {
        let refused = [
            host::CREDENTIAL,
            host::NO_CREDENTIAL,
            code::TOKEN_REFUSED,
            code::NOT_GRANTED,
            code::CREDENTIAL_UNUSABLE,
        ];
        match refused.contains(&error.code.as_str()) {
            true => Self::Refused(error.message.clone()),
            false => Self::Unanswered(error.message.clone()),
        }
    }

    pub(crate) fn condition(&self) -> AppCondition {
        match self {
            Self::Never | Self::Accepted(_) => AppCondition::Connected,
            Self::Refused(_) => AppCondition::NeedsReauth,
            Self::Unanswered(_) => AppCondition::Error,
        }
    }

    pub(crate) fn message(&self) -> Option<&str> {
        match self {
            Self::Never => None,
            Self::Accepted(account) => account.as_deref(),
            Self::Refused(message) | Self::Unanswered(message) => Some(message),
        }
    }

    /// Writes it down as what was found at that instant.
    pub(crate) fn put(&self, now: Timestamp, row: &mut ConnectedApp) {
        row.condition = self.condition();
        self.put_result(now, row);
    }

    /// The same without what follows from it.
    pub(crate) fn put_result(&self, now: Timestamp, row: &mut ConnectedApp) {
        let asked = *self != Self::Never;
        row.checked_at = asked.then_some(now);
        row.check_ok = asked.then_some(matches!(self, Self::Accepted(_)));
        row.check_message = self.message().map(str::to_owned);
    }
}

impl Questions {
    /// Asks the provider, if its plugin can.
    pub(crate) async fn test(&self) -> Option<Tested> {
        if !self.provider().manifest.credential_test {
            return None;
        }
        Some(match self.test_credential().await {
            Ok(tested) => Tested::Accepted(tested.account),
            Err(error) => Tested::of(&error),
        })
    }
}

impl ConnectedApps {
    /// Asks whether the provider takes credentials that are not stored yet; none when nobody can or shall be asked.
    pub(super) async fn test_before_saving(
        &self,
        workspace: WorkspaceId,
        candidate: OpenApp,
        skip: bool,
    ) -> Result<Option<Tested>, AppError> {
        if wants_grant(&candidate.provider, &candidate.credentials) {
            let ungranted = "nobody has granted access yet: `startOAuth` says where to".to_owned();
            return Ok(Some(Tested::Refused(ungranted)));
        }
        if skip {
            return Ok(None);
        }
        let (id, title) = (candidate.id, candidate.provider.manifest.title.clone());
        let tested = self
            .questions(workspace, candidate, UsePurpose::CredentialTest)
            .test()
            .await;
        self.tokens.forget(&id);
        let problem = match &tested {
            Some(Tested::Refused(said)) => {
                let message = format!("{title} does not take these credentials: {said}");
                Problem::new(["credentials"], ProblemCode::CredentialsRefused, message)
            }
            Some(Tested::Unanswered(why)) => {
                let why = why.trim_end_matches('.');
                let message = format!(
                    "{title} could not be asked whether it takes these credentials: {why}. Try again, or store them untested with \
                     `skipTest: true`"
                );
                Problem::new(["credentials"], ProblemCode::ProviderUnreachable, message)
            }
            _ => return Ok(tested),
        };
        Err(AppError::Rejected(vec![problem]))
    }
}
