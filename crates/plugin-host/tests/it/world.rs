//! What a test needs: plugins that are compiled on the spot, a host for them, and the services of a step.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use jackfield_egress::{Egress, EgressConfig};
use jackfield_plugin_abi::messages::{
    BlobRef, Call, CallError, CredentialSlot, Level, Outcome, code,
};
use jackfield_plugin_host::{
    BlobPart, CallJournal, Earlier, Host, HostConfig, Isolation, OutgoingRequest, RecordedTurn,
    SecretBytes, Services,
};
use parking_lot::Mutex;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use tempfile::TempDir;
use tokio::sync::Barrier;
use url::Url;

pub const BOTH: [Isolation; 2] = [Isolation::Process, Isolation::InProcess];

/// A directory of plugins.
pub struct Plugins {
    dir: TempDir,
}

impl Plugins {
    pub fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    /// Compiles the plugin in C, with a macro that spoils it or without.
    pub fn puppet(self, spoiled: Option<&str>) -> Self {
        let name = spoiled.unwrap_or("puppet").to_lowercase();
        let define = spoiled.map(|name| format!("-D{name}"));
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let status = Command::new("cc")
            .args([
                "-shared",
                "-fPIC",
                "-O1",
                "-std=gnu11",
                "-Wall",
                "-Wno-unused",
            ])
            .arg("-Wno-infinite-recursion")
            .args(define)
            .arg("-I")
            .arg(root.join("../plugin-abi/include"))
            .arg(root.join("tests/support/puppet.c"))
            .arg("-o")
            .arg(self.file(&name))
            .status();
        assert!(status.unwrap().success(), "cc");
        self
    }

    /// Compiles the plugin that answers every operation, with these macros.
    pub fn desk(self, defines: &[&str]) -> Self {
        self.write_desk(defines);
        self
    }

    /// The same into the place of the one that is there, as an upgrade does it: written beside it, then renamed.
    pub fn write_desk(&self, defines: &[&str]) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let fresh = self.dir.path().join("desk.new");
        let capabilities = match defines
            .iter()
            .any(|define| define.starts_with("-DCAPABILITIES"))
        {
            true => None,
            false => Some("-DCAPABILITIES="),
        };
        let status = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-pthread", "-I"])
            .arg(root.join("../plugin-abi/include"))
            .args(defines)
            .args(capabilities)
            .arg(root.join("tests/support/operations.c"))
            .arg("-o")
            .arg(&fresh)
            .status();
        assert!(status.unwrap().success(), "cc");
        std::fs::rename(fresh, self.file("desk")).unwrap();
    }

    /// Compiles the plugin in Rust, in a folder of its own.
    pub fn echo(self) -> Self {
        std::fs::create_dir(self.dir.path().join("echo")).unwrap();
        let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
        let status = Command::new(rustc)
            .args(["--edition=2024", "--crate-type=cdylib"])
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/echo.rs"))
            .arg("-o")
            .arg(self.dir.path().join("echo/libecho.so"))
            .status();
        assert!(status.unwrap().success(), "rustc");
        self
    }

    /// Compiles the plugin in C that keeps every rule, with macros that break some or without.
    pub fn conforming(&self, name: &str, defines: &[&str]) -> PathBuf {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let status = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-std=gnu11", "-w", "-pthread"])
            .args(defines.iter().map(|define| match define.split_once('=') {
                Some((name, text)) => format!("-D{name}={text:?}"),
                None => format!("-D{define}"),
            }))
            .arg("-I")
            .arg(root.join("../plugin-abi/include"))
            .arg(root.join("tests/support/conforming.c"))
            .arg("-o")
            .arg(self.file(name))
            .status();
        assert!(status.unwrap().success(), "cc");
        self.file(name)
    }

    pub fn junk(self, name: &str, bytes: &[u8]) -> Self {
        std::fs::write(self.file(name), bytes).unwrap();
        self
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(format!("{name}.so"))
    }

    /// A host that reaches loopback.
    pub async fn host(&self, isolation: Isolation) -> Host {
        Host::open(self.config(isolation)).await
    }

    pub fn config(&self, isolation: Isolation) -> HostConfig {
        let egress = Egress::new(EgressConfig {
            allow: vec!["127.0.0.0/8".parse().unwrap()],
            ..EgressConfig::default()
        });
        let mut config = HostConfig::new(self.dir.path(), egress.unwrap());
        config.isolation = isolation;
        config.child = Some(env!("CARGO_BIN_EXE_jackfield-plugin-child").into());
        config.limits.memory = 192 << 20;
        // Most tests crash a plugin more often than anybody puts up with.
        config.limits.breaker.crashes = 1000;
        config
    }

    /// An error without the directory in it.
    pub fn shown(&self, text: &str) -> String {
        text.replace(&self.dir.path().display().to_string(), "DIR")
    }
}

/// Runs one call of a node.
pub async fn call(
    host: &Host,
    world: &World,
    node: &str,
    config: Value,
) -> Result<Outcome, CallError> {
    let config = to_raw_value(&config).unwrap();
    let call = Call {
        credentials: world.slots(),
        ..plain_call(node, &config)
    };
    host.execute(&call, world).await
}

pub fn plain_call<'a>(node: &'a str, config: &'a RawValue) -> Call<'a> {
    Call {
        op: "node.execute".into(),
        node: node.into(),
        provider: None,
        config,
        input: RawValue::NULL,
        credentials: vec![],
        attempt: 1,
        idempotency_key: "step-1".into(),
        timeout_ms: None,
        run: None,
    }
}

/// What the puppet says in a mode, as one line.
pub async fn puppet(host: &Host, config: Value) -> String {
    shown(call(host, &World::default(), "puppet", config).await)
}

pub fn shown(result: Result<Outcome, CallError>) -> String {
    match result {
        Ok(outcome) => outcome.output.get().to_owned(),
        Err(error) => error.to_string(),
    }
}

/// The services of a step that remembers what it was asked.
#[derive(Default)]
pub struct World {
    pub said: Mutex<Vec<String>>,
    pub blobs: Mutex<Vec<(Bytes, String)>>,
    pub reroute: Option<(String, String)>,
    pub tokens: Mutex<Vec<String>>,
    pub provider: Option<&'static str>,
    pub notes: Option<Arc<Notes>>,
}

impl World {
    fn slots(&self) -> Vec<CredentialSlot<'static>> {
        let slot = |slot: &'static str, provider: &'static str| CredentialSlot {
            slot: slot.into(),
            provider: provider.into(),
            settings: None,
        };
        let default = self.provider.unwrap_or("acme");
        vec![slot("default", default), slot("any", "anyone")]
    }
}

#[async_trait]
impl Services for World {
    async fn authorize(&self, slot: &str, request: &mut OutgoingRequest) -> Result<(), CallError> {
        let token = self
            .tokens
            .lock()
            .last()
            .cloned()
            .unwrap_or("secret".into());
        let value = format!("Bearer {token}-of-{slot}");
        request
            .headers
            .insert("authorization", value.parse().unwrap());
        Ok(())
    }

    async fn renew(&self, _slot: &str) -> bool {
        self.tokens.lock().push("fresh".into());
        true
    }

    fn reroute(&self, url: &mut Url) {
        if let Some((from, to)) = &self.reroute
            && url.origin().ascii_serialization() == *from
        {
            let path = url[url::Position::BeforePath..].to_owned();
            *url = Url::parse(to).unwrap().join(&path).unwrap();
        }
    }

    async fn signing_key(&self, slot: &str, field: &str) -> Result<SecretBytes, CallError> {
        Ok(SecretBytes::new(format!("{slot}.{field}")))
    }

    async fn store_blob(&self, bytes: Bytes, content_type: &str) -> Result<BlobRef, CallError> {
        let mut blobs = self.blobs.lock();
        let size = bytes.len() as u64;
        blobs.push((bytes, content_type.into()));
        Ok(BlobRef {
            id: format!("blob_{}", blobs.len()),
            size,
            content_type: content_type.into(),
            sha256: String::new(),
        })
    }

    async fn read_blob(&self, id: &str, offset: u64, len: u64) -> Result<BlobPart, CallError> {
        let number: usize = id.trim_start_matches("blob_").parse().unwrap_or(0);
        let blobs = self.blobs.lock();
        let found = number.checked_sub(1).and_then(|index| blobs.get(index));
        let (bytes, content_type) = found
            .ok_or_else(|| CallError::new(code::INVALID_REQUEST, format!("there is no {id}")))?;
        let end = bytes.len().min((offset + len) as usize);
        Ok(BlobPart {
            bytes: bytes.slice((offset as usize).min(end)..end),
            size: bytes.len() as u64,
            content_type: content_type.clone(),
        })
    }

    fn log(&self, level: Level, message: &str, fields: Option<&str>) {
        let fields = fields.unwrap_or("");
        self.said
            .lock()
            .push(format!("{level:?} {message} {fields}"));
    }

    fn progress(&self, fraction: Option<f64>, message: Option<&str>) {
        self.said.lock().push(format!("{fraction:?} {message:?}"));
    }

    fn now(&self) -> i64 {
        1_700_000_000_000_000
    }

    fn journal(&self) -> Option<&dyn CallJournal> {
        self.notes.as_deref().map(|notes| notes as &dyn CallJournal)
    }

    fn random(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

/// A journal in memory, which outlives the calls.
#[derive(Default)]
pub struct Notes {
    pub turns: Mutex<Vec<RecordedTurn>>,
    pub writes: Mutex<usize>,
    pub again: Mutex<bool>,
    /// Where calls wait until it is on disk that they begin; none when they need not.
    pub word: Option<Arc<Barrier>>,
}

#[async_trait]
impl CallJournal for Notes {
    async fn recall(&self) -> Result<Option<Earlier>, CallError> {
        let again = std::mem::replace(&mut *self.again.lock(), true);
        Ok(again.then(|| Earlier {
            turns: self.turns.lock().clone(),
            guarded: true,
            foreign: false,
        }))
    }

    async fn begun(&self) -> Result<(), CallError> {
        if let Some(word) = &self.word {
            word.wait().await;
            word.wait().await;
        }
        Ok(())
    }

    async fn record(&self, first: usize, turns: Vec<RecordedTurn>) -> Result<(), CallError> {
        *self.writes.lock() += 1;
        let mut kept = self.turns.lock();
        kept.truncate(first);
        kept.extend(turns);
        Ok(())
    }
}
