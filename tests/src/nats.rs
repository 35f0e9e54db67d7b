//! A private NATS server with JetStream, made from the binary of a normal installation, and a look into its streams.

use std::env;
use std::fs;
use std::future::Future;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use async_nats::jetstream::{self, consumer::pull, stream};
use async_nats::{Client, ConnectOptions, HeaderMap};
use futures_util::StreamExt;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use crate::engine::{Engine, example};
use crate::jackfield::free_port;

/// Runs the server until standard input ends, which it does however the test ends.
const WATCHED: &str = r#"
trap "" INT TERM HUP
"$@" < /dev/null &
server=$!
echo $server
read -r _
kill -KILL $server
wait $server
"#;

/// A running server, which dropping ends. Its streams are on disk and survive [`stop`](Self::stop).
pub struct Nats {
    folder: TempDir,
    port: u16,
    options: Vec<String>,
    process: Option<Process>,
}

struct Process {
    shell: Child,
    server: Pid,
}

impl Process {
    /// Whether all of its threads are, as far as this system tells.
    fn is_stopped(&self) -> Result<bool> {
        let threads = format!("/proc/{}/task", self.server.as_raw_nonzero());
        let Ok(threads) = fs::read_dir(threads) else {
            return Ok(true);
        };
        for thread in threads {
            let told = fs::read_to_string(thread?.path().join("stat"))?;
            // The state follows the name, which is in parentheses.
            if !told
                .rsplit(") ")
                .next()
                .is_some_and(|rest| rest.starts_with('T'))
            {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// A message as a consumer gets it.
#[derive(Debug)]
pub struct Consumed {
    /// Where it was published to.
    pub subject: String,
    /// What is said of it, with its signature.
    pub headers: HeaderMap,
    /// The bytes that were signed.
    pub body: Vec<u8>,
}

impl Consumed {
    /// A header, or nothing.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.as_str())
    }

    /// The body, or null.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

impl Nats {
    /// Starts one for everybody.
    pub async fn start() -> Result<Self> {
        Self::start_with("").await
    }

    /// Starts one with lines of configuration.
    pub async fn start_with(configuration: &str) -> Result<Self> {
        let folder = TempDir::with_prefix("jackfield-nats-")?;
        Self::start_in(folder, configuration).await
    }

    /// Starts one in a directory with files for it, of which its configuration speaks as `{folder}`.
    pub async fn start_in(folder: TempDir, configuration: &str) -> Result<Self> {
        let place = folder
            .path()
            .to_str()
            .context("temporary directories have plain names")?;
        fs::write(
            folder.path().join("server.conf"),
            configuration.replace("{folder}", place),
        )?;
        let port = free_port()?;
        let options = [
            ("--config", format!("{place}/server.conf")),
            ("--addr", "127.0.0.1".to_owned()),
            ("--port", port.to_string()),
            ("--store_dir", format!("{place}/streams")),
            ("--log", format!("{place}/log")),
        ];
        let options = options
            .into_iter()
            .flat_map(|(name, value)| [name.to_owned(), value]);
        let mut nats = Self {
            port,
            options: options
                .chain(["--jetstream".to_owned(), "--debug".to_owned()])
                .collect(),
            process: None,
            folder,
        };
        nats.go_on().await?;
        Ok(nats)
    }

    /// The directory that goes with the server.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// The URL of an endpoint that publishes to a subject.
    #[must_use]
    pub fn url(&self, subject: &str) -> String {
        format!("nats://127.0.0.1:{}/{subject}", self.port)
    }

    /// The same, with the connection encrypted and the server under this name.
    #[must_use]
    pub fn tls_url(&self, name: &str, subject: &str) -> String {
        format!("tls://{name}:{}/{subject}", self.port)
    }

    /// Kills the server, as a crash would.
    pub async fn stop(&mut self) -> Result<()> {
        if let Some(mut process) = self.process.take() {
            drop(process.shell.stdin.take());
            process.shell.wait().await?;
        }
        Ok(())
    }

    /// Stops it where it is: it accepts, and says nothing. [`go_on`](Self::go_on) ends that.
    pub async fn pause(&self) -> Result<()> {
        let process = self.process.as_ref().context("the server runs")?;
        kill_process(process.server, Signal::STOP)?;
        // The signal is sent, and may still be on its way to some of its threads.
        while !process.is_stopped()? {
            sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    }

    /// Starts it again after [`stop`](Self::stop) or [`pause`](Self::pause), on the same port and streams.
    pub async fn go_on(&mut self) -> Result<()> {
        if let Some(process) = &self.process {
            return Ok(kill_process(process.server, Signal::CONT)?);
        }
        // What an earlier one has written would be taken for this one's.
        fs::write(self.log(), "")?;
        let mut shell = Command::new("/bin/sh");
        shell
            .args(["-c", WATCHED, "sh"])
            .arg(binary().context("nats-server is installed")?);
        shell
            .args(&self.options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut shell = shell.stderr(Stdio::null()).spawn()?;
        let stdout = shell
            .stdout
            .take()
            .context("the shell tells the server's id")?;
        let mut lines = tokio::io::AsyncBufReadExt::lines(tokio::io::BufReader::new(stdout));
        let told = lines.next_line().await?.context("the server's id")?;
        let server = Pid::from_raw(told.parse()?).context("a process id is positive")?;
        self.process = Some(Process { shell, server });
        self.until_ready().await
    }

    async fn until_ready(&self) -> Result<()> {
        let ready = format!(
            "Listening for client connections on 127.0.0.1:{}",
            self.port
        );
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let log = fs::read_to_string(self.log()).unwrap_or_default();
            if log.contains(&ready) && log.contains("Server is ready") {
                return Ok(());
            }
            ensure!(
                Instant::now() < deadline,
                "the NATS server does not start:\n{log}"
            );
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// How many connections were made to the server since it was started.
    pub fn connections(&self) -> Result<usize> {
        let log = fs::read_to_string(self.log())?;
        Ok(log.matches("Client connection created").count())
    }

    /// A client of the usual kind.
    pub async fn client(&self, options: ConnectOptions) -> Result<Client> {
        Ok(options.connect(format!("127.0.0.1:{}", self.port)).await?)
    }

    /// Makes a stream that takes these subjects.
    pub async fn create_stream(&self, name: &str, subject: &str) -> Result<()> {
        let client = self.client(ConnectOptions::new()).await?;
        let config = stream::Config {
            name: name.to_owned(),
            subjects: vec![subject.to_owned()],
            ..stream::Config::default()
        };
        jetstream::new(client).create_stream(config).await?;
        Ok(())
    }

    /// Waits until a stream has so many messages, for at most 30 seconds, and consumes all that it has.
    pub async fn consume(&self, stream: &str, count: usize) -> Result<Vec<Consumed>> {
        let context = jetstream::new(self.client(ConnectOptions::new()).await?);
        let stream = context.get_stream(stream).await?;
        let consumer = stream.create_consumer(pull::Config::default()).await?;
        let deadline = Instant::now() + Duration::from_secs(30);
        let mut consumed = Vec::new();
        loop {
            let mut batch = consumer.fetch().max_messages(500).messages().await?;
            while let Some(message) = batch.next().await {
                let message = message.map_err(|error| anyhow::anyhow!(error))?;
                message
                    .ack()
                    .await
                    .map_err(|error| anyhow::anyhow!(error))?;
                consumed.push(Consumed {
                    subject: message.subject.to_string(),
                    headers: message.headers.clone().unwrap_or_default(),
                    body: message.payload.to_vec(),
                });
            }
            if consumed.len() >= count {
                return Ok(consumed);
            }
            ensure!(
                Instant::now() < deadline,
                "the stream has no more than {consumed:#?}"
            );
            sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Runs one example with SQLite, or says aloud that it cannot.
///
/// A NATS server is required when `JACKFIELD_REQUIRE_NATS` is `1`, and the example skipped where there is none otherwise.
pub fn with_nats<F>(body: fn(Engine) -> F) -> Result<()>
where
    F: Future<Output = Result<()>>,
{
    if binary().is_some() {
        return example(Engine::Sqlite, body);
    }
    let required = env::var("JACKFIELD_REQUIRE_NATS").is_ok_and(|value| value == "1");
    assert!(
        !required,
        "JACKFIELD_REQUIRE_NATS=1, but no NATS server is installed"
    );
    eprintln!("SKIPPED: no NATS server is installed (Debian: apt-get install nats-server)");
    Ok(())
}

/// On the path, or where Debian puts it, which is not on everybody's.
fn binary() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin")])
        .map(|folder| folder.join("nats-server"))
        .find(|file| file.is_file())
}
