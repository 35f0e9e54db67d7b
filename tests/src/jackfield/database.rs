//! The database that a server runs on.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::engine::Engine;
use crate::postgres::{Cluster, Durability, Held};

pub(super) enum Database {
    /// A file in the data directory, which is the server's default.
    Sqlite,
    /// A database of a private cluster.
    Postgres { cluster: Cluster, url: String },
}

impl Database {
    /// An empty database, which goes when this value does.
    pub(super) fn create(engine: Engine, durability: Durability) -> Result<Self> {
        if engine == Engine::Sqlite {
            return Ok(Self::Sqlite);
        }
        let cluster = Cluster::start(durability)?;
        let url = cluster.create_database()?;
        Ok(Self::Postgres { cluster, url })
    }

    /// What `--database-url` is given, if not the default.
    pub(super) fn url(&self) -> Option<&str> {
        match self {
            Self::Sqlite => None,
            Self::Postgres { url, .. } => Some(url),
        }
    }

    /// Restarts PostgreSQL, whose clients lose their connections.
    pub(super) fn restart(&self) -> Result<()> {
        match self {
            Self::Sqlite => bail!("SQLite is a part of the server"),
            Self::Postgres { cluster, .. } => cluster.restart(),
        }
    }

    /// Locks a table of PostgreSQL.
    pub(super) fn hold(&self, table: &str) -> Result<Held> {
        match self {
            Self::Sqlite => bail!("SQLite locks no tables"),
            Self::Postgres { cluster, url } => cluster.hold(url, table),
        }
    }

    /// How many bytes it takes on disk.
    pub(super) fn size(&self, data_dir: &Path) -> Result<u64> {
        match self {
            Self::Sqlite => files(data_dir)?
                .iter()
                .map(|file| Ok(fs::metadata(file)?.len()))
                .sum(),
            Self::Postgres { cluster, url } => cluster.size(url),
        }
    }

    pub(super) fn bytes(&self, data_dir: &Path) -> Result<Vec<u8>> {
        match self {
            Self::Sqlite => sqlite_files(data_dir),
            Self::Postgres { cluster, url } => cluster.dump(url),
        }
    }
}

/// The database with its write-ahead log.
fn sqlite_files(data_dir: &Path) -> Result<Vec<u8>> {
    let mut all = Vec::new();
    for file in files(data_dir)? {
        all.extend(fs::read(file)?);
    }
    Ok(all)
}

fn files(data_dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(data_dir)? {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_string_lossy().starts_with("jackfield.db") {
            found.push(entry.path());
        }
    }
    Ok(found)
}
