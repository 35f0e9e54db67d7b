//! How a server is started.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;
use tokio::process::Command;
use tokio::time::{Instant, sleep};

use super::database::Database;
use super::process::Process;
use super::{Jackfield, log};
use crate::built::{Built, Plugins};
use crate::client::Client;
use crate::engine::Engine;
use crate::postgres::Durability;

/// The configuration of a server that is still to be started.
pub struct Setup {
    home: Option<TempDir>,
    engine: Engine,
    pub(super) built: Built,
    port: u16,
    environment: Vec<(String, String)>,
    durability: Durability,
    /// Of whose cluster it is a node.
    joins: Option<Joined>,
}

struct Joined {
    database: Arc<Database>,
    owner_key: String,
}

/// How a server ended that was expected to refuse to start.
pub struct Exit {
    /// The exit code.
    pub code: i32,
    /// All that it printed.
    pub log: String,
}

impl Setup {
    /// The usual configuration: loopback may be reached, and the usual plugins are loaded as cargo built them, which no lock vouches
    /// for. Everything else is the default.
    pub fn new(engine: Engine) -> Result<Self> {
        Self::with(engine, Plugins::Named(&[]))
    }

    /// The usual configuration, with more plugins.
    pub fn with(engine: Engine, plugins: Plugins<'_>) -> Result<Self> {
        let home = TempDir::with_prefix("jackfield-")?;
        fs::create_dir(home.path().join("data"))?;
        let built = Built::find(home.path(), plugins)?;
        let setup = Self {
            home: Some(home),
            engine,
            built,
            port: free_port()?,
            environment: Vec::new(),
            durability: Durability::Memory,
            joins: None,
        };
        let setup = setup.environment("JACKFIELD_EGRESS_ALLOW", "127.0.0.0/8");
        Ok(match setup.built.is_dist {
            true => setup,
            false => setup.environment("JACKFIELD_UNSIGNED_PLUGINS", "allow"),
        })
    }

    /// Another node on the database of a server, with the same keys, plugins and environment.
    pub fn node_of(first: &Jackfield) -> Result<Self> {
        let plugins = first.setup.built.names()?;
        let plugins: Vec<_> = plugins.iter().map(String::as_str).collect();
        let mut setup = Self::with(first.setup.engine, Plugins::Named(&plugins))?;
        setup.environment = first.setup.environment.clone();
        for key in ["master.key", "session.key"] {
            fs::copy(
                first.data_dir().join(key),
                setup.home().join("data").join(key),
            )?;
        }
        setup.joins = Some(Joined {
            database: first.database.clone(),
            owner_key: first.owner_key.clone(),
        });
        Ok(setup)
    }

    /// Whether PostgreSQL waits for the disk; it does not by default.
    #[must_use]
    pub fn durability(self, durability: Durability) -> Self {
        Self { durability, ..self }
    }

    /// Sets a variable of the server's environment, in place of an earlier value.
    #[must_use]
    pub fn environment(mut self, name: &str, value: &str) -> Self {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn set(&mut self, name: &str, value: Option<&str>) {
        self.environment.retain(|(known, _)| known != name);
        let given = value.map(|value| (name.to_owned(), value.to_owned()));
        self.environment.extend(given);
    }

    /// Unsets a variable of the server's environment.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.environment.retain(|(known, _)| known != name);
        self
    }

    /// The temporary directory that holds `data` and `plugins`.
    #[must_use]
    pub fn home(&self) -> &Path {
        self.home
            .as_ref()
            .expect("a setup has its home until it starts")
            .path()
    }

    /// The directory that plugins are loaded from, one folder for each.
    #[must_use]
    pub fn plugins(&self) -> &Path {
        &self.built.plugins
    }

    /// Starts the server and waits until it is ready.
    pub async fn start(mut self) -> Result<Jackfield> {
        let home = self.home.take().context("a setup starts once")?;
        let joined = self.joins.take();
        let database = match &joined {
            Some(joined) => joined.database.clone(),
            None => Arc::new(Database::create(self.engine, self.durability)?),
        };
        let mut process = self.spawn(home.path(), &database)?;
        self.until_ready(&mut process, home.path()).await?;
        let owner_key = match joined {
            Some(joined) => joined.owner_key,
            None => fs::read_to_string(home.path().join("data/owner.key"))
                .context("reading owner.key")?,
        };
        let url = format!("http://127.0.0.1:{}", self.port);
        Ok(Jackfield {
            client: Client::new(reqwest::Client::new(), format!("{url}/graphql")),
            owner_key: owner_key.trim().to_owned(),
            finished: false,
            home,
            setup: self,
            url,
            process,
            database,
        })
    }

    /// Starts the server, which is expected to end by itself within 10 seconds.
    pub async fn run_to_exit(mut self) -> Result<Exit> {
        let home = self.home.take().context("a setup starts once")?;
        let database = Database::create(self.engine, self.durability)?;
        let mut process = self.spawn(home.path(), &database)?;
        let status = process.exited(Duration::from_secs(10)).await?;
        let code = status.code().context("the server was killed by a signal")?;
        Ok(Exit {
            code,
            log: log::read(home.path())?,
        })
    }

    pub(super) fn spawn(&self, home: &Path, database: &Database) -> Result<Process> {
        let output = log::open(home)?;
        let mut command = Command::new(&self.built.server);
        command
            .arg("serve")
            .args(["--listen", &format!("127.0.0.1:{}", self.port)])
            .arg("--data-dir")
            .arg(home.join("data"))
            .arg("--plugins")
            .arg(&self.built.plugins)
            .current_dir(home)
            .env_clear()
            .env("RUST_BACKTRACE", "1")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(process::Stdio::null())
            .stderr(output.try_clone()?)
            .stdout(output);
        if let Some(url) = database.url() {
            command.args(["--database-url", url]);
        }
        Process::spawn(&mut command)
    }

    pub(super) async fn until_ready(&self, process: &mut Process, home: &Path) -> Result<()> {
        let url = format!("http://127.0.0.1:{}/readyz", self.port);
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            if reqwest::get(&url)
                .await
                .is_ok_and(|response| response.status().is_success())
            {
                return Ok(());
            }
            if let Some(status) = process.status()? {
                bail!(
                    "the server ended with {status} instead of becoming ready:\n{}",
                    log::read(home)?
                );
            }
            if Instant::now() > deadline {
                bail!(
                    "the server is not ready after 30 seconds:\n{}",
                    log::read(home)?
                );
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// The executable that is started.
    #[must_use]
    pub fn server(&self) -> PathBuf {
        self.built.server.clone()
    }
}

/// A port that nobody listens on, outside the range that outgoing connections are given theirs from. No two tests of
/// a process are given the same one, and those of different processes begin to look at different places.
pub(crate) fn free_port() -> Result<u16> {
    static TRIED: AtomicU16 = AtomicU16::new(0);
    let base = u16::try_from(process::id() % 240)? * 50;
    for _ in 0..12_000 {
        let port = 20_000 + (base + TRIED.fetch_add(1, Ordering::Relaxed)) % 12_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no free port")
}
