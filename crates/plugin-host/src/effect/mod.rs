//! What plugins ask for, and how it is done.

mod answer;
mod blob;
mod hmac;
mod http;
mod journal;
mod record;
mod secret;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use jackfield_egress::Egress;
use jackfield_plugin_abi::frame::Frame;
use jackfield_plugin_abi::messages::{
    CallError, CredentialSlot, Effect, EffectKind, Log, Progress, code,
};

pub(crate) use answer::{Ending, Exchange, Reply};
pub use journal::UNCERTAIN;
pub(crate) use journal::{Journal, Stop};

use crate::host::Host;
use crate::plugin::Plugin;
use crate::services::Services;

/// Most random bytes of one effect.
const MAX_RANDOM: u32 = 1024;

/// An effect that runs.
pub(crate) type Running<'p> = Pin<Box<dyn Future<Output = Ending> + Send + 'p>>;

/// How an effect began.
pub(crate) enum Started<'p> {
    /// It is over already.
    Ended(Ending),
    /// It takes a while.
    Running(Running<'p>),
    /// It needs no answer.
    Unanswered,
}

/// Performs the effects of one call.
pub(crate) struct Performer<'a> {
    pub(crate) egress: &'a Egress,
    pub(crate) host: &'a Host,
    pub(crate) plugin: &'a Plugin,
    pub(crate) credentials: &'a [CredentialSlot<'a>],
    pub(crate) services: &'a dyn Services,
}

impl<'a> Performer<'a> {
    /// Begins an effect. `frame` is the frame that it came in and `bytes` what holds the frame: what an effect needs of
    /// it later is a slice of that.
    pub(crate) fn start<'p>(
        &'p self,
        effect: Effect<'_>,
        frame: &Frame<'_>,
        bytes: &Bytes,
    ) -> Started<'p> {
        let id = effect.id;
        let result = match effect.kind {
            EffectKind::Log(log) => {
                self.log(&log);
                return Started::Unanswered;
            }
            EffectKind::Progress(progress) => {
                self.progress(&progress);
                return Started::Unanswered;
            }
            EffectKind::Now(_) => Ok(Reply::Time(self.services.now())),
            EffectKind::Random(random) => self.random(random.len),
            EffectKind::Sleep(sleep) => {
                return running(id, async move {
                    tokio::time::sleep(Duration::from_millis(sleep.ms)).await;
                    Ok(Reply::Empty)
                });
            }
            EffectKind::HttpRequest(request) => match self.http(&request, frame, bytes) {
                Ok(exchange) => return running(id, exchange),
                Err(error) => Err(error),
            },
            EffectKind::HmacVerify(verify) => match self.hmac(&verify, frame, bytes) {
                Ok(check) => return running(id, check),
                Err(error) => Err(error),
            },
            EffectKind::BlobRead(read) => return running(id, self.blob(&read)),
            EffectKind::SecretReveal(reveal) => match self.reveal(&reveal) {
                Ok(secret) => return running(id, secret),
                Err(error) => Err(error),
            },
            EffectKind::Unknown(name) => {
                let message = format!("this server does not know the effect {name:?}");
                Err(CallError::new(code::UNSUPPORTED, message))
            }
        };
        Started::Ended(Ending::new(id, result))
    }

    fn log(&self, log: &Log<'_>) {
        let fields = log.fields.as_deref().map(serde_json::value::RawValue::get);
        self.services.log(log.level, &log.message, fields);
    }

    fn progress(&self, progress: &Progress<'_>) {
        let fraction = progress.fraction.filter(|part| (0.0..=1.0).contains(part));
        self.services
            .progress(fraction, progress.message.as_deref());
    }

    fn random(&self, len: u32) -> Result<Reply, CallError> {
        if len > MAX_RANDOM {
            let message = format!("at most {MAX_RANDOM} random bytes at a time, not {len}");
            return Err(CallError::new(code::TOO_LARGE, message));
        }
        let mut bytes = vec![0; len as usize];
        self.services.random(&mut bytes);
        Ok(Reply::Random(bytes))
    }

    /// The slot of the call with this name.
    fn slot(&self, name: &str) -> Result<&'a CredentialSlot<'a>, CallError> {
        let slot = self.credentials.iter().find(|slot| slot.slot == name);
        slot.ok_or_else(|| {
            let message =
                format!("the call has no credential {name:?}; select a connected app for the node");
            CallError::new(code::NO_CREDENTIAL, message)
        })
    }
}

fn running<'p>(
    id: u64,
    work: impl Future<Output = Result<Reply, CallError>> + Send + 'p,
) -> Started<'p> {
    Started::Running(Box::pin(async move { Ending::new(id, work.await) }))
}
