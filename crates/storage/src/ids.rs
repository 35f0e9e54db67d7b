//! Identifiers: a type prefix and a ULID, one Rust type per kind of row.
//!
//! A row's id is stored in sixteen bytes (`uuid` on PostgreSQL, a blob on SQLite) and shown as
//! `run_01J8ZK…`. ULIDs grow with time, so primary keys are appended to and "newest first" is
//! "largest id first".

use std::{fmt, str::FromStr};

use sea_orm::DeriveValueType;
use ulid::Ulid;
use uuid::Uuid;

/// A text that is not an id of the wanted kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a valid id: it must start with `{prefix}` followed by 26 characters")]
pub struct InvalidId {
    /// The prefix that the id should have had, with its underscore.
    pub prefix: &'static str,
    /// What was given, cut to a length that is safe to show.
    pub text: String,
}

/// What all id types have in common.
pub trait Id: Copy + fmt::Debug + fmt::Display + FromStr<Err = InvalidId> + Eq + Ord {
    /// The prefix of the textual form, with its underscore, such as `run_`.
    const PREFIX: &'static str;

    /// Makes an id of a ULID. Use [`Clock::id`](crate::Clock::id) to make a new one.
    fn from_ulid(ulid: Ulid) -> Self;

    /// The ULID of this id.
    fn ulid(self) -> Ulid;
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, DeriveValueType)]
        pub struct $name(Uuid);

        impl Id for $name {
            const PREFIX: &'static str = $prefix;

            fn from_ulid(ulid: Ulid) -> Self {
                Self(Uuid::from_bytes(ulid.to_bytes()))
            }

            fn ulid(self) -> Ulid {
                Ulid::from_bytes(*self.0.as_bytes())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.ulid())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                parse(Self::PREFIX, text).map(Self::from_ulid)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'_, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
            }
        }
    )*};
}

ids! {
    /// Identifies a workspace: the tenant that every row belongs to.
    WorkspaceId "ws_";
    /// Identifies a person who signs in.
    UserId "usr_";
    /// Identifies an API key, not its secret.
    ApiKeyId "key_";
    /// Identifies an invitation, not its token.
    InvitationId "inv_";
    /// Identifies the reset of a password, not its token.
    PasswordResetId "pwr_";
    /// Identifies what a user does from one sign-in to the next.
    SessionId "ses_";
    /// Identifies one entry of the audit log.
    AuditEntryId "aud_";
    /// Identifies a use of the credentials of a connected app.
    CredentialUseId "use_";
    /// Identifies a workflow across all its versions.
    WorkflowId "wf_";
    /// Identifies one saved version of a workflow.
    WorkflowVersionId "wfv_";
    /// Identifies one run of a workflow.
    RunId "run_";
    /// Identifies one step of a run.
    StepId "step_";
    /// Identifies an event of the log.
    EventId "evt_";
    /// Identifies a type of events.
    EventTypeId "etype_";
    /// Identifies the address at which one trigger node receives webhooks.
    InboundHookId "hook_";
    /// Identifies a connected app: credentials for a provider.
    ConnectedAppId "app_";
    /// Identifies a resource of a connected app.
    ResourceId "res_";
    /// Identifies stored bytes that are too large or not text.
    BlobId "blob_";
    /// Identifies a message to a run.
    SignalId "sig_";
    /// Identifies a request to a hook: an event that it brought, or the trace that it left.
    InboundRequestId "hreq_";
    /// Identifies the trace of a refused or repeated webhook.
    RejectionId "rej_";
    /// Identifies an address to which events are sent.
    WebhookEndpointId "wh_";
    /// Identifies the delivery of one event to one endpoint.
    DeliveryId "dlv_";
    /// Identifies one attempt at a delivery.
    DeliveryAttemptId "att_";
    /// Identifies a variable.
    VariableId "var_";
    /// Identifies a message template.
    MessageTemplateId "tpl_";
    /// Identifies a replay of events to an endpoint.
    ReplayId "rpl_";
}

fn parse(prefix: &'static str, text: &str) -> Result<Ulid, InvalidId> {
    text.strip_prefix(prefix)
        .and_then(|rest| Ulid::from_string(rest).ok())
        .ok_or_else(|| InvalidId {
            prefix,
            text: text.chars().take(40).collect(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_what_it_shows() {
        let id = RunId::from_ulid(Ulid::from_parts(1_700_000_000_000, 42));
        assert_eq!(id.to_string(), "run_01HF7YAT00000000000000001A");
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(serde_json::to_string(&id).unwrap(), format!("\"{id}\""));
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let error = "wf_01HF7YAT00000000000000001A"
            .parse::<RunId>()
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "`wf_01HF7YAT00000000000000001A` is not a valid id: it must start with `run_` followed by 26 characters"
        );
        assert!("run_nonsense".parse::<RunId>().is_err());
    }
}
