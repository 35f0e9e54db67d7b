use std::path::Path;

use super::{ConfigError, Secret};

/// The database URL to use: the configured one when its scheme is known, else SQLite in the data directory.
///
/// # Errors
///
/// When the scheme is neither `sqlite` nor `postgres`. The message does not repeat the URL: it may carry a password.
pub fn database_url(configured: Option<Secret>, data_dir: &Path) -> Result<Secret, ConfigError> {
    let Some(url) = configured else {
        let file = data_dir.join("jackfield.db");
        return Ok(Secret::new(format!("sqlite://{}", file.display())));
    };
    match url.reveal().split_once("://") {
        Some(("sqlite" | "postgres" | "postgresql", rest)) if !rest.is_empty() => Ok(url),
        _ => Err(ConfigError::invalid(
            "database_url",
            "must be sqlite://PATH or postgres://USER:PASSWORD@HOST/DATABASE",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_to_sqlite_in_the_data_directory() {
        let url = database_url(None, Path::new("/var/lib/jackfield")).unwrap();
        assert_eq!(url.reveal(), "sqlite:///var/lib/jackfield/jackfield.db");
    }

    #[test]
    fn refuses_other_databases_without_repeating_the_url() {
        let error = database_url(Some(Secret::new("mysql://me:pass@db/x")), Path::new("data"));
        insta::assert_snapshot!(error.unwrap_err(), @"database_url: must be sqlite://PATH or postgres://USER:PASSWORD@HOST/DATABASE");
    }
}
