//! Events on PostgreSQL: a batch of any size is one statement, and one round trip.
//!
//! The columns are arrays, so the text is always the same and is prepared once; and the head moves
//! in the same statement, so that neither `BEGIN` nor `COMMIT` has to be sent. It goes past SeaORM
//! to sqlx, which encodes borrowed slices where SeaORM's values would be copied twice.

use std::sync::Arc;

use sea_orm::{DbErr, RuntimeErr};
use sqlx::PgPool;
use uuid::Uuid;

use super::notice::Notice;
use crate::{Json, Timestamp, event::Event, ids::Id};

const APPEND: &str = "\
WITH head AS (
  UPDATE log_heads SET position = position + $1 WHERE id = 1 RETURNING position - $1 AS base
), stored AS (
  INSERT INTO events (id, workspace_id, position, type, source, data, hook_id, dedupe_key,
                      occurred_at, created_at, content_type, dedupe_hash, channels,
                      request)
  SELECT given.id, given.workspace_id, head.base + given.number, given.type, given.source,
         given.data, given.hook_id, given.dedupe_key, given.occurred_at, $2,
         given.content_type, given.dedupe_hash, given.channels, given.request
  FROM head, unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::uuid[],
                    $9::text[], $10::bigint[], $14::text[], $15::bytea[],
                    $16::text[], $17::text[])
    WITH ORDINALITY AS given (id, workspace_id, type, source, data, hook_id, dedupe_key,
                              occurred_at, content_type, dedupe_hash, channels, request,
                              number)
)
SELECT base, pg_notify($11, $12 || ' ' || base::text || ' ' || (base + $1)::text || ' ' || $13)
FROM head";

/// Appends the events with the next positions, in a transaction of their own. Returns the head
/// that their positions count from.
pub(super) async fn append(
    pool: &PgPool,
    events: &[&Event],
    now: Timestamp,
    notice: &Notice<'_>,
) -> Result<i64, DbErr> {
    let count = i64::try_from(events.len()).unwrap_or(i64::MAX);
    let ids: Vec<Uuid> = events.iter().map(|event| uuid(event.id)).collect();
    let workspaces: Vec<Uuid> = events
        .iter()
        .map(|event| uuid(event.workspace_id))
        .collect();
    let types: Vec<&str> = events
        .iter()
        .map(|event| event.event_type.as_str())
        .collect();
    let sources: Vec<&str> = events.iter().map(|event| event.source.as_str()).collect();
    let data: Vec<&str> = events.iter().map(|event| event.data.as_str()).collect();
    let hooks: Vec<Option<Uuid>> = events.iter().map(|event| event.hook_id.map(uuid)).collect();
    let keys: Vec<Option<&str>> = events
        .iter()
        .map(|event| event.dedupe_key.as_deref())
        .collect();
    let occurred: Vec<i64> = events
        .iter()
        .map(|event| event.occurred_at.as_micros())
        .collect();
    let content_types: Vec<Option<&str>> = events
        .iter()
        .map(|event| event.content_type.as_deref())
        .collect();
    let hashes: Vec<Option<&[u8]>> = events
        .iter()
        .map(|event| event.dedupe_hash.as_deref())
        .collect();
    let channels: Vec<Option<String>> =
        events.iter().map(|event| event.channels.stored()).collect();
    let requests: Vec<Option<&str>> = events
        .iter()
        .map(|event| event.request.as_ref().map(Json::as_str))
        .collect();
    sqlx::query_scalar(APPEND)
        .bind(count)
        .bind(now.as_micros())
        .bind(ids)
        .bind(workspaces)
        .bind(types)
        .bind(sources)
        .bind(data)
        .bind(hooks)
        .bind(keys)
        .bind(occurred)
        .bind(notice.channel)
        .bind(notice.node)
        .bind(&notice.text)
        .bind(content_types)
        .bind(hashes)
        .bind(channels)
        .bind(requests)
        .fetch_one(pool)
        .await
        .map_err(|error| DbErr::Exec(RuntimeErr::SqlxError(Arc::new(error))))
}

fn uuid<I: Id>(id: I) -> Uuid {
    Uuid::from_bytes(id.ulid().to_bytes())
}
