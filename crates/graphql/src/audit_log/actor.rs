use std::collections::HashMap;

use async_graphql::{Enum, ID, Result, SimpleObject};
use jackfield_storage::access::{Permit, ReadAuditLog};
use jackfield_storage::ids::{ApiKeyId, UserId};
use jackfield_storage::{Store, api_key, audit_log, user};

use super::AuditEntry;
use crate::errors::internal;

/// Whoever can change something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum AuditActorKind {
    /// The holder of an API key, or of a session token that one has made.
    ApiKey,
    /// A user who has signed in.
    User,
    /// Somebody with a token of an identity provider.
    Subject,
    /// A part of the server itself.
    System,
}

/// Who has made a change.
#[derive(Clone, SimpleObject)]
pub struct AuditActor {
    /// The id of an API key or of a user, `user:` with a subject, or `system:` with a part of the server.
    id: ID,
    /// What kind of actor it is.
    kind: AuditActorKind,
    /// What people call the key or the user; null for others.
    name: Option<String>,
}

/// Entries with the present names of those who have made them, which are looked up together.
pub async fn with_names(
    store: &Store,
    permit: &Permit<ReadAuditLog>,
    rows: Vec<audit_log::AuditEntry>,
) -> Result<Vec<AuditEntry>> {
    let keys: Vec<ApiKeyId> = rows
        .iter()
        .filter_map(|row| row.actor.parse().ok())
        .collect();
    let users: Vec<UserId> = rows
        .iter()
        .filter_map(|row| row.actor.parse().ok())
        .collect();
    let mut names = HashMap::new();
    if !keys.is_empty() {
        let found = api_key::find_many(store.reader(), permit, &keys).await;
        let found = found.map_err(internal)?;
        names.extend(found.into_iter().map(|key| (key.id.to_string(), key.name)));
    }
    if !users.is_empty() {
        let found = user::find_many(store.reader(), permit, &users).await;
        let found = found.map_err(internal)?;
        names.extend(
            found
                .into_iter()
                .map(|user| (user.id.to_string(), user.name)),
        );
    }
    let entry = |row: audit_log::AuditEntry| AuditEntry {
        actor: AuditActor {
            name: names.get(&row.actor).cloned(),
            kind: kind(&row.actor),
            id: row.actor.clone().into(),
        },
        row,
    };
    Ok(rows.into_iter().map(entry).collect())
}

fn kind(actor: &str) -> AuditActorKind {
    if actor.starts_with("key_") {
        AuditActorKind::ApiKey
    } else if actor.starts_with("usr_") {
        AuditActorKind::User
    } else if actor.starts_with("system:") {
        AuditActorKind::System
    } else {
        AuditActorKind::Subject
    }
}
