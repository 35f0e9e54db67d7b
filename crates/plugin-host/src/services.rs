use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use jackfield_egress::Outgoing;
use jackfield_plugin_abi::messages::{BlobRef, CallError, ExampleExchange, Level};
use url::Url;

/// One hop of a plugin's request, as it is about to be sent.
pub type OutgoingRequest = Outgoing;

/// What a call may draw on besides the network: the credentials, blobs, log and clock of the step that it runs for.
///
/// The host asks at the moment of use, once for each hop of a request, and keeps nothing.
#[async_trait]
pub trait Services: Send + Sync {
    /// Whether the credential in a slot may go to this URL. The host has already checked it against the hosts in the
    /// provider's manifest; this is for limits of the connected app itself (`settings.hosts`).
    fn grants(&self, slot: &str, url: &Url) -> bool {
        let _ = (slot, url);
        true
    }

    /// Waits until a request with the credential of a slot may be sent. Asked once for each request, before its time begins
    /// to count, and once for each further hop that carries the credential.
    async fn turn(&self, slot: &str) -> Result<(), CallError> {
        let _ = slot;
        Ok(())
    }

    /// Told how a request with the credential of a slot was answered in the end.
    async fn answered(&self, slot: &str, status: StatusCode, headers: &HeaderMap) {
        let _ = (slot, status, headers);
    }

    /// Puts the credential of a slot on a request that the manifest and [`Services::grants`] allow it to go on.
    async fn authorize(&self, slot: &str, request: &mut OutgoingRequest) -> Result<(), CallError>;

    /// Told that a request with this credential was answered with 401. `true` when the credential is another one now,
    /// such as a fresh access token: the request is then sent once more.
    async fn renew(&self, slot: &str) -> bool {
        let _ = slot;
        false
    }

    /// Points a request to the place that the connected app wants instead of the provider's own (`settings.origins`).
    /// Called last, for every hop, with or without a credential.
    fn reroute(&self, url: &mut Url) {
        let _ = url;
    }

    /// A field of a credential as the key to check a signature with.
    async fn signing_key(&self, slot: &str, field: &str) -> Result<SecretBytes, CallError>;

    /// Whether every signature that the plugin asks about counts as right: it reads once more what was believed before, and what
    /// proved that is not kept.
    fn vouches(&self) -> bool {
        false
    }

    /// A field of a credential to be shown to the plugin, which was granted to see it.
    async fn reveal(&self, slot: &str, field: &str) -> Result<SecretBytes, CallError> {
        self.signing_key(slot, field).await
    }

    /// What a service answered, without the credentials that it was sent. Asked before anybody sees a body, a header or
    /// the URL.
    fn mask(&self, bytes: Bytes) -> Bytes {
        bytes
    }

    /// Keeps bytes beside the run and returns their reference.
    async fn store_blob(&self, bytes: Bytes, content_type: &str) -> Result<BlobRef, CallError>;

    /// Reads at most `len` bytes of a blob of the same run, from `offset`.
    async fn read_blob(&self, id: &str, offset: u64, len: u64) -> Result<BlobPart, CallError>;

    /// Writes a line into the run's log. `fields` is a JSON object.
    fn log(&self, level: Level, message: &str, fields: Option<&str>);

    /// Shows how far the call is, `fraction` from 0 to 1.
    fn progress(&self, fraction: Option<f64>, message: Option<&str>) {
        let _ = (fraction, message);
    }

    /// The time, in microseconds since 1970-01-01T00:00:00Z.
    fn now(&self) -> i64;

    /// Fills a buffer with random bytes fit for keys.
    fn random(&self, bytes: &mut [u8]);

    /// Where the call is written down, if it is, so that it can go on after a crash.
    fn journal(&self) -> Option<&dyn CallJournal> {
        None
    }

    /// Who keeps what the call sends and what it is answered, so that a test can do without the service.
    fn recorder(&self) -> Option<&dyn Recorder> {
        None
    }
}

/// Keeps the requests of calls as the examples of a manifest have them.
pub trait Recorder: Send + Sync {
    /// Told of each request that was answered, as the plugin has sent it and as it sees the answer: without credentials.
    fn record(&self, exchange: ExampleExchange);
}

/// Keeps what a plugin was told in the course of one call.
#[async_trait]
pub trait CallJournal: Send + Sync {
    /// What an earlier try of the same call has left; none when this is the first.
    async fn recall(&self) -> Result<Option<Earlier>, CallError>;

    /// Returns once it is on disk that the call begins. Asked before the first thing is done that the plugin asks for.
    async fn begun(&self) -> Result<(), CallError> {
        Ok(())
    }

    /// Writes turns down, the first of them as number `first`; what was there from that number on goes. Returns once it is
    /// on disk.
    async fn record(&self, first: usize, turns: Vec<RecordedTurn>) -> Result<(), CallError>;
}

/// What an earlier try of a call has left.
#[derive(Clone, Debug, Default)]
pub struct Earlier {
    /// What the plugin was told, in order.
    pub turns: Vec<RecordedTurn>,
    /// Whether a request that may have been sent is only sent again when that cannot do anything twice; the call fails
    /// with [`UNCERTAIN`](crate::UNCERTAIN) otherwise.
    pub guarded: bool,
    /// Whether it was another file of the plugin that was told, so that its turns mean nothing to this one.
    pub foreign: bool,
}

/// One frame of answers.
#[derive(Clone, PartialEq, Eq)]
pub struct RecordedTurn {
    /// SHA-256 of the effects that the plugin had asked for before it.
    pub asked: Vec<u8>,
    /// The frame.
    pub frame: Vec<u8>,
}

impl fmt::Debug for RecordedTurn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordedTurn").finish_non_exhaustive()
    }
}

/// A piece of a blob.
#[derive(Clone, Debug)]
pub struct BlobPart {
    /// The piece; shorter than asked for at the end of the blob.
    pub bytes: Bytes,
    /// Length of the whole blob in bytes.
    pub size: u64,
    /// Its content type.
    pub content_type: String,
}

/// Bytes that are never shown.
pub struct SecretBytes(Vec<u8>);

impl SecretBytes {
    /// Takes the bytes over.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The bytes, for the one use that they are meant for.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretBytes")
    }
}
