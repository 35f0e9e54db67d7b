//! A private PostgreSQL cluster, made from the binaries of a normal installation: nothing to set up by hand.

mod account;
mod data;
mod folder;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::chown;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use account::Account;

/// Runs the server until standard input ends, which it does however the test ends, and removes the cluster. Each line of
/// standard input is a signal after which the server is started again. What a terminal sends to the whole group of
/// processes must not end the shell before that.
const WATCHED: &str = r#"
trap "" INT TERM HUP
start() {
    "$0" -D "$1/data" -k "$1" -c listen_addresses= -c fsync="$2" -c shared_buffers=64MB < /dev/null &
    server=$!
}
start "$@"
while read -r signal; do
    kill -"$signal" $server
    wait $server
    start "$@"
done
kill -QUIT $server
wait $server
rm -rf "$1"
"#;

/// Whether a commit waits for the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// It does, as in production. For measurements.
    Disk,
    /// It does not. For tests, which kill our processes and never the machine.
    Memory,
}

/// A running cluster that only its owner reaches, over a socket in its own directory. Dropping it removes it.
pub struct Cluster {
    folder: PathBuf,
    binaries: PathBuf,
    server: Child,
    databases: AtomicUsize,
}

/// A table that is locked until this is dropped.
pub struct Held {
    session: Child,
    _stdin: ChildStdin,
}

impl Drop for Held {
    fn drop(&mut self) {
        let _ = self.session.kill();
        let _ = self.session.wait();
    }
}

impl Cluster {
    /// Whether this machine has the binaries.
    #[must_use]
    pub fn is_installed() -> bool {
        binaries().is_some()
    }

    /// Makes a cluster and waits until it answers.
    pub fn start(durability: Durability) -> Result<Self> {
        let binaries = binaries()
            .context("no PostgreSQL server is installed (Debian: apt-get install postgresql)")?;
        let folder = folder::create(durability)?;
        let account = Account::for_postgres(folder.path())?;
        chown(folder.path(), Some(account.user), Some(account.group))?;
        let data = folder.path().join("data");
        match durability {
            Durability::Disk => data::initialise(&binaries, &data, account, &[])?,
            Durability::Memory => data::copy_of_kept(&binaries, &data, account)?,
        }
        let server = account
            .command("/bin/sh")
            .args(["-c", WATCHED])
            .arg(binaries.join("postgres"))
            .arg(folder.path())
            .arg(if durability == Durability::Disk {
                "on"
            } else {
                "off"
            })
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.path().join("log"))?)
            .spawn()?;
        // From here on the shell removes the directory, even if this process is killed.
        let cluster = Self {
            folder: folder.keep(),
            binaries,
            server,
            databases: AtomicUsize::new(0),
        };
        cluster.until_ready()?;
        Ok(cluster)
    }

    /// Makes an empty database and returns its URL.
    pub fn create_database(&self) -> Result<String> {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let output = self.client("createdb").arg(&name).output()?;
        ensure!(
            output.status.success(),
            "createdb: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let folder = self
            .folder
            .to_str()
            .context("temporary directories have plain names")?;
        Ok(format!(
            "postgres://jackfield@localhost/{name}?host={}",
            folder.replace('/', "%2F")
        ))
    }

    /// Stops the server, whose clients lose their connections, and starts it again. On return it answers.
    pub fn restart(&self) -> Result<()> {
        let before = self.postmaster();
        let mut stdin = self
            .server
            .stdin
            .as_ref()
            .context("the shell listens until the cluster is dropped")?;
        stdin.write_all(b"INT\n")?;
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let now = self.postmaster();
            if now.is_some() && now != before {
                return self.until_ready();
            }
            ensure!(
                Instant::now() < deadline,
                "the PostgreSQL cluster does not stop"
            );
            pause();
        }
    }

    /// The process id of the server, while it runs.
    fn postmaster(&self) -> Option<String> {
        let file = fs::read_to_string(self.folder.join("data/postmaster.pid")).ok()?;
        file.lines().next().map(str::to_owned)
    }

    /// All that a database holds, as text.
    pub fn dump(&self, url: &str) -> Result<Vec<u8>> {
        let output = self
            .client("pg_dump")
            .arg(format!("--dbname={url}"))
            .output()?;
        ensure!(
            output.status.success(),
            "pg_dump: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(output.stdout)
    }

    /// How many bytes a database takes on disk.
    pub fn size(&self, url: &str) -> Result<u64> {
        let output = self
            .client("psql")
            .arg(format!("--dbname={url}"))
            .args([
                "--tuples-only",
                "--no-align",
                "--command=SELECT pg_database_size(current_database())",
            ])
            .output()?;
        ensure!(
            output.status.success(),
            "psql: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(String::from_utf8(output.stdout)?.trim().parse()?)
    }

    /// Locks a table, so that who reads it waits, until what is returned is dropped.
    pub fn hold(&self, url: &str, table: &str) -> Result<Held> {
        let mut session = self
            .client("psql")
            .arg(format!("--dbname={url}"))
            .arg("--quiet")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut stdin = session.stdin.take().context("it has an input")?;
        writeln!(stdin, "BEGIN; LOCK TABLE {table}; \\echo held")?;
        let stdout = session.stdout.take().context("it has an output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        ensure!(line.trim() == "held", "psql: {line}");
        Ok(Held {
            session,
            _stdin: stdin,
        })
    }

    fn client(&self, program: &str) -> Command {
        let mut command = Command::new(self.binaries.join(program));
        command
            .env("PGHOST", &self.folder)
            .env("PGUSER", "jackfield");
        command
    }

    fn until_ready(&self) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !self.client("pg_isready").arg("--quiet").status()?.success() {
            if Instant::now() > deadline {
                let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                bail!("the PostgreSQL cluster does not start:\n{log}");
            }
            pause();
        }
        Ok(())
    }
}

#[expect(clippy::disallowed_methods, reason = "no async runtime runs here")]
fn pause() {
    thread::sleep(Duration::from_millis(20));
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.server.stdin.take());
        // The shell has nothing left to report.
        let _status = self.server.wait();
    }
}

/// The newest installation, where Debian puts them or on the path.
fn binaries() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut installed: Vec<_> = versions
        .filter_map(|entry| {
            Some((
                entry.file_name().to_str()?.parse::<u32>().ok()?,
                entry.path().join("bin"),
            ))
        })
        .filter(|(_, folder)| folder.join("initdb").is_file())
        .collect();
    installed.sort();
    let on_path = || {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).find(|folder| folder.join("initdb").is_file())
    };
    installed.pop().map(|(_, folder)| folder).or_else(on_path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_answers_and_leaves_nothing_behind() -> Result<()> {
        if !Cluster::is_installed() {
            return Ok(());
        }
        let cluster = Cluster::start(Durability::Memory)?;
        let url = cluster.create_database()?;
        assert!(
            String::from_utf8(cluster.dump(&url)?)?.contains("PostgreSQL database dump complete")
        );
        let folder = cluster.folder.clone();
        drop(cluster);
        assert!(!folder.exists());
        Ok(())
    }
}
