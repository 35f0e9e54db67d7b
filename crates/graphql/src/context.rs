use std::net::IpAddr;

use async_graphql::{Context, Result};
use jackfield_storage::Store;
use jackfield_storage::access::{Permission, Permit, Principal, Read};

use crate::document::FieldNames;
use crate::errors::{denied, internal, unauthenticated};
use crate::loaders::{LazyLoaders, Loaders};
use crate::services::Services;

/// From where a request came.
pub struct Address(pub Option<IpAddr>);

/// What resolvers ask of their context.
pub trait ContextExt {
    /// Who asks.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED` when the request carries no token.
    fn principal(&self) -> Result<&Principal>;

    /// The proof that the caller may do `P`.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED` or `FORBIDDEN`.
    fn permit<P: Permission>(&self) -> Result<Permit<P>>;

    /// What resolvers work with.
    ///
    /// # Errors
    ///
    /// `INTERNAL` when the schema was built for its SDL only.
    fn services(&self) -> Result<&Services>;

    /// Everything that is stored.
    ///
    /// # Errors
    ///
    /// As [`services`](Self::services).
    fn store(&self) -> Result<&Store>;

    /// From where the request came, when that is known.
    fn address(&self) -> Option<IpAddr>;

    /// Which of these columns the document shows nowhere, each with the names of the fields that show it.
    fn unseen<C: Copy>(&self, columns: &[(C, &[&str])]) -> Vec<C>;

    /// The loaders of the request.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED`, or `FORBIDDEN` to those who may not read.
    fn loaders(&self) -> Result<&Loaders>;
}

impl ContextExt for Context<'_> {
    fn principal(&self) -> Result<&Principal> {
        self.data_opt().ok_or_else(unauthenticated)
    }

    fn permit<P: Permission>(&self) -> Result<Permit<P>> {
        self.principal()?.permit().map_err(|error| denied(&error))
    }

    fn services(&self) -> Result<&Services> {
        self.data_opt()
            .ok_or_else(|| internal("the schema has no services"))
    }

    fn address(&self) -> Option<IpAddr> {
        self.data_opt::<Address>()?.0
    }

    fn unseen<C: Copy>(&self, columns: &[(C, &[&str])]) -> Vec<C> {
        let fields = self.data_opt::<FieldNames>();
        fields.map_or_else(Vec::new, |fields| fields.unseen(columns))
    }

    fn store(&self) -> Result<&Store> {
        self.services().map(|services| &services.store)
    }

    fn loaders(&self) -> Result<&Loaders> {
        let loaders = self.data_opt::<Option<LazyLoaders>>();
        match loaders.and_then(Option::as_ref) {
            Some(loaders) => Ok(loaders.get()),
            // Says why: nobody asks, or somebody who may not read.
            None => Err(self.permit::<Read>().err().unwrap_or_else(unauthenticated)),
        }
    }
}
