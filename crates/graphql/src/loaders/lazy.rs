use std::sync::OnceLock;

use jackfield_connected_apps::ConnectedApps;
use jackfield_storage::Store;
use jackfield_storage::access::{Permit, Read, ReadAuditLog};

use super::Loaders;
use crate::document::FieldNames;
use crate::services::Services;

/// The loaders of a request that may need none: they are made when the first is asked for.
pub struct LazyLoaders {
    store: Store,
    apps: ConnectedApps,
    permit: Permit<Read>,
    audit: Option<Permit<ReadAuditLog>>,
    fields: FieldNames,
    loaders: OnceLock<Loaders>,
}

impl LazyLoaders {
    /// Loaders that read what the permits' holder may read, and what these fields show.
    pub fn new(
        services: &Services,
        permit: Permit<Read>,
        audit: Option<Permit<ReadAuditLog>>,
        fields: FieldNames,
    ) -> Self {
        Self {
            store: services.store.clone(),
            apps: services.apps.clone(),
            permit,
            audit,
            fields,
            loaders: OnceLock::new(),
        }
    }

    /// The loaders.
    pub fn get(&self) -> &Loaders {
        self.loaders.get_or_init(|| {
            let (store, apps) = (self.store.clone(), self.apps.clone());
            let (permit, audit) = (self.permit.clone(), self.audit.clone());
            Loaders::new(store, apps, permit, audit, &self.fields)
        })
    }
}
