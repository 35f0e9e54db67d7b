//! A running server: the real binary, with real plugins, on a database of its own.

mod command;
mod database;
mod drop;
mod finish;
mod log;
mod process;
mod setup;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use serde_json::Value;
use tempfile::TempDir;

use crate::built::Plugins;
use crate::client::Client;
use crate::engine::Engine;
use crate::postgres::Held;
use crate::subscription::Subscription;

use process::Process;

pub use command::said;
pub(crate) use drop::dropped_without_finish;
pub(crate) use setup::free_port;
pub use setup::{Exit, Setup};

/// A running server. End a test with [`finish`](Self::finish).
pub struct Jackfield {
    home: TempDir,
    setup: Setup,
    url: String,
    client: Client,
    owner_key: String,
    process: Process,
    database: Arc<database::Database>,
    finished: bool,
}

impl Jackfield {
    /// Starts a server with the usual plugins. It may reach loopback, where the tests play the outside world.
    pub async fn start(engine: Engine) -> Result<Self> {
        Setup::new(engine)?.start().await
    }

    /// Starts a server with the usual plugins and these.
    pub async fn with(engine: Engine, plugins: &[&str]) -> Result<Self> {
        let setup = Setup::with(engine, Plugins::Named(plugins))?;
        setup.start().await
    }

    /// Starts a server with every plugin that is built.
    pub async fn whole(engine: Engine) -> Result<Self> {
        Setup::with(engine, Plugins::All)?.start().await
    }

    /// The absolute URL of a path that begins with a slash.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// A GraphQL client with the owner's key.
    #[must_use]
    pub fn owner(&self) -> Client {
        self.client.with_token(&self.owner_key)
    }

    /// A GraphQL client without a credential.
    #[must_use]
    pub fn anonymous(&self) -> Client {
        self.client.clone()
    }

    /// The key that the first start wrote.
    #[must_use]
    pub fn owner_key(&self) -> &str {
        &self.owner_key
    }

    /// Follows a subscription with the owner's key.
    pub async fn subscribe(&self, document: &str, variables: Value) -> Result<Subscription> {
        Subscription::start(&self.url("/graphql"), &self.owner_key, document, variables).await
    }

    /// The data directory.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// All that the server printed so far, over all its starts.
    pub fn log(&self) -> Result<String> {
        log::read(self.home.path())
    }

    /// Every byte that the database holds in its files, or for PostgreSQL a plain-text dump of all of it.
    pub fn database_bytes(&self) -> Result<Vec<u8>> {
        self.database.bytes(&self.data_dir())
    }

    /// The id of the server's process.
    pub fn process_id(&self) -> Result<u32> {
        self.process.id()
    }

    /// The ids of the processes that it has started: those of plugins.
    pub fn children(&self) -> Result<Vec<u32>> {
        process::children(self.process.id()?)
    }

    /// How many bytes the database takes on disk.
    pub fn database_size(&self) -> Result<u64> {
        self.database.size(&self.data_dir())
    }

    /// Ends the server at once, whatever it is doing.
    pub fn abandon(mut self) {
        self.finished = true;
    }

    /// Stops the process where it is, as a machine that hangs would.
    pub fn pause(&self) -> Result<()> {
        self.process.pause(true)
    }

    /// Lets the process go on after [`pause`](Self::pause).
    pub fn go_on(&self) -> Result<()> {
        self.process.pause(false)
    }

    /// Sends SIGHUP, at which the server loads its plugins again.
    pub fn hang_up(&self) -> Result<()> {
        self.process.hang_up()
    }

    /// Restarts PostgreSQL under the server. On return it answers again.
    pub fn restart_database(&self) -> Result<()> {
        tokio::task::block_in_place(|| self.database.restart())
    }

    /// Locks a table of PostgreSQL, so that who reads it waits, until what is returned is dropped.
    pub fn hold_table(&self, table: &str) -> Result<Held> {
        tokio::task::block_in_place(|| self.database.hold(table))
    }

    /// Kills the process without a warning, as a crash would.
    pub async fn kill(&mut self) -> Result<()> {
        self.process.kill().await
    }

    /// Sets or unsets a variable of the environment of later starts.
    pub fn set(&mut self, name: &str, value: Option<&str>) {
        self.setup.set(name, value);
    }

    /// Whether the process has ended by itself.
    pub fn has_ended(&mut self) -> Result<bool> {
        Ok(self.process.status()?.is_some())
    }

    /// Starts the server again after [`kill`](Self::kill) or [`terminate`](Self::terminate), on the same data and port.
    pub async fn restart(&mut self) -> Result<()> {
        self.process = self.setup.spawn(self.home.path(), &self.database)?;
        self.setup
            .until_ready(&mut self.process, self.home.path())
            .await
    }
}
