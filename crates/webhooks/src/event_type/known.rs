//! The catalogues as publishing needs them: by name, with compiled schemas, kept until something changes.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use jackfield_storage::access::{Permit, Read};
use jackfield_storage::ids::EventTypeId;
use jackfield_storage::workspace::{self, SchemaMismatch, UnknownEventTypes};
use jackfield_storage::{Json, Problem, StorageError, event_type};
use jsonschema::Validator;
use serde_json::Value;

use super::{EventTypes, schema};

/// The catalogue of one workspace and its rules.
pub(crate) struct Known {
    /// What `Store::event_type_changes` was before this was read.
    as_of: u64,
    /// What happens to data that does not match.
    pub schema_mismatch: SchemaMismatch,
    /// What happens to types that are not here.
    pub unknown: UnknownEventTypes,
    types: HashMap<String, Arc<KnownType>>,
}

/// One type that is not archived.
struct KnownType {
    id: EventTypeId,
    version: i32,
    schema: Option<Json>,
    validator: OnceLock<Option<Validator>>,
}

impl Known {
    /// Whether the catalogue has a type of this name that is not archived.
    pub fn has(&self, name: &str) -> bool {
        self.types.contains_key(name)
    }

    /// Whether the data of this type's events is held to anything.
    pub fn has_schema(&self, name: &str) -> bool {
        let known = self.types.get(name);
        known.is_some_and(|known| known.schema.is_some())
    }

    /// What keeps `data` from being data of the type `name`.
    pub fn faults(&self, name: &str, data: &Value) -> Vec<Problem> {
        let validator = self.types.get(name).and_then(|known| known.validator());
        validator.map_or_else(Vec::new, |validator| {
            schema::faults(validator, data, "data")
        })
    }
}

impl KnownType {
    /// Compiled when the first event asks. A stored schema compiled once, when it was saved.
    fn validator(&self) -> Option<&Validator> {
        let compile = || {
            let compiled = schema::compile(&self.schema.as_ref()?.value());
            compiled
                .inspect_err(|reason| tracing::error!(id = %self.id, %reason, "a stored schema cannot be used"))
                .ok()
        };
        self.validator.get_or_init(compile).as_ref()
    }
}

impl EventTypes {
    /// The catalogue as it is now.
    pub(crate) async fn known(&self, permit: &Permit<Read>) -> Result<Arc<Known>, StorageError> {
        let as_of = self.store.event_type_changes();
        let before = self.known.lock().get(&permit.workspace()).cloned();
        if let Some(known) = before.as_ref().filter(|known| known.as_of == as_of) {
            return Ok(known.clone());
        }
        let known = Arc::new(self.read(permit, as_of, before.as_deref()).await?);
        self.known.lock().insert(permit.workspace(), known.clone());
        Ok(known)
    }

    /// Keeps what was compiled of the types that are still the same.
    async fn read(
        &self,
        permit: &Permit<Read>,
        as_of: u64,
        before: Option<&Known>,
    ) -> Result<Known, StorageError> {
        let db = self.store.reader();
        let rules = workspace::find(db, permit).await?;
        let rows = event_type::all(db, permit).await?;
        let present = rows.into_iter().filter(|row| row.archived_at.is_none());
        let types = present.map(|row| {
            let same = before
                .and_then(|before| before.types.get(&row.name))
                .filter(|known| known.id == row.id && known.version == row.version);
            let known = same.cloned().unwrap_or_else(|| {
                Arc::new(KnownType {
                    id: row.id,
                    version: row.version,
                    schema: row.schema,
                    validator: OnceLock::new(),
                })
            });
            (row.name, known)
        });
        Ok(Known {
            as_of,
            schema_mismatch: rules
                .as_ref()
                .map_or(SchemaMismatch::Reject, |row| row.schema_mismatch),
            unknown: rules.map_or(UnknownEventTypes::Accept, |row| row.unknown_event_types),
            types: types.collect(),
        })
    }
}
