use anyhow::Context;
use jackfield_graphql::ApiConfig;
use jackfield_graphql::document::{Documents, TrustedDocuments};
use jackfield_graphql::guard::Limits;

use crate::config::Config;

/// Reads the manifest of trusted documents, if there is one.
///
/// # Errors
///
/// When it cannot be read, or one of its documents cannot be executed.
pub fn configure(config: &Config) -> anyhow::Result<ApiConfig> {
    let trusted = match &config.trusted_documents {
        None => TrustedDocuments::default(),
        Some(path) => {
            let place = || format!("trusted_documents: {} cannot be used", path.display());
            let manifest = std::fs::read(path).with_context(place)?;
            TrustedDocuments::read(&manifest, &Limits::default()).with_context(place)?
        }
    };
    Ok(ApiConfig {
        documents: Documents::new(trusted, config.only_trusted_documents),
        query_timeout: config.query_timeout,
    })
}
