use std::collections::VecDeque;
use std::time::Duration;

use jackfield_plugin_abi::frame::{Attachments, Frame, encode};
use jackfield_plugin_abi::messages::{
    Answer, BlobBytes, BlobRead, CallError, Effect, EffectKind, Empty, Event, Events,
    HmacAlgorithm, HmacVerify, RandomBytes, SecretValue, SignatureEncoding, Time, Verified, code,
};

use super::exchange::Exchanges;
use super::replay::Journal;
use super::stage::Known;
use super::{Ran, Reply, SentRequest, hmac};

/// The outside world: answers what it can at once, and lets time pass when nothing else is left.
pub(super) struct World {
    pub(super) replies: Replies,
    pub(super) secrets: Known<String>,
    pub(super) judge: Option<Judge>,
    pub(super) blobs: Known<Vec<u8>>,
    pub(super) random: Vec<u8>,
    pub(super) unix_micros: i64,
    drawn: usize,
    sleeping: Vec<(u64, i64)>,
    ran: Ran,
}

/// Decides whether a signature is right.
type Judge = Box<dyn Fn(&SignatureAsked) -> bool>;

pub(super) enum Replies {
    Scripted(VecDeque<Reply>),
    Computed(Box<dyn FnMut(&SentRequest) -> Reply>),
    Recorded(Exchanges),
}

/// A signature that a plugin asks the host to check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureAsked {
    /// The hash.
    pub algorithm: HmacAlgorithm,
    /// The field of the credential that holds the key.
    pub field: String,
    /// The bytes that were signed.
    pub message: Vec<u8>,
    /// The signature as received.
    pub signature: String,
    /// How it is written.
    pub encoding: SignatureEncoding,
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            replies: Replies::Scripted(VecDeque::new()),
            secrets: Known::new(),
            judge: None,
            blobs: Known::new(),
            random: (0..=250).collect(),
            unix_micros: 1_767_225_600_000_000,
            drawn: 0,
            sleeping: Vec::new(),
            ran: Ran::new(),
        }
    }

    /// What the call did.
    #[track_caller]
    pub(super) fn finish(self, journal: &Journal) -> Ran {
        if let Replies::Recorded(exchanges) = self.replies {
            exchanges.finish();
        }
        let mut ran = self.ran;
        ran.result = journal.result.clone();
        ran
    }

    #[track_caller]
    pub(super) fn perform(&mut self, effects: &[Effect<'_>], frame: &Frame<'_>) -> Vec<u8> {
        let mut attachments = Attachments::default();
        let mut events = Vec::new();
        for effect in effects {
            if let Some(answer) = self.answer(effect, frame, &mut attachments) {
                events.push(match answer {
                    Ok(answer) => Event::ok(effect.id, answer),
                    Err(error) => Event::err(effect.id, error),
                });
            }
        }
        let is_request = |effect: &&Effect<'_>| matches!(effect.kind, EffectKind::HttpRequest(_));
        let in_flight = effects.iter().filter(is_request).count();
        self.ran.most_in_flight = self.ran.most_in_flight.max(in_flight);
        if events.is_empty() {
            events.extend(self.wake_next());
        }
        encode(&Events { events }, attachments.bytes()).expect("answers can be written")
    }

    #[track_caller]
    fn answer(
        &mut self,
        effect: &Effect<'_>,
        frame: &Frame<'_>,
        attachments: &mut Attachments,
    ) -> Option<Result<Answer<'static>, CallError>> {
        Some(match &effect.kind {
            EffectKind::HttpRequest(request) => {
                let sent = SentRequest::new(request, frame);
                let reply = self.next_reply(&sent);
                let asked = sent.whole_url();
                self.ran.requests.push(sent);
                reply.answer(request, asked, attachments)
            }
            EffectKind::Sleep(sleep) => {
                let micros = i64::try_from(sleep.ms)
                    .unwrap_or(i64::MAX)
                    .saturating_mul(1000);
                self.sleeping
                    .push((effect.id, self.unix_micros.saturating_add(micros)));
                return None;
            }
            EffectKind::Log(log) => {
                self.ran.logs.push((log.level, log.message.to_string()));
                return None;
            }
            EffectKind::Progress(progress) => {
                let message = progress.message.as_deref().unwrap_or_default();
                self.ran
                    .progress
                    .push((progress.fraction, message.to_owned()));
                return None;
            }
            EffectKind::Now(_) => Ok(Answer::Time(Time {
                unix_micros: self.unix_micros,
            })),
            EffectKind::Random(random) => {
                let bytes = attachments.attach(&self.draw(random.len));
                Ok(Answer::Random(RandomBytes { bytes }))
            }
            EffectKind::HmacVerify(verify) => self
                .verify(verify, frame)
                .map(|valid| Answer::Verified(Verified { valid })),
            EffectKind::BlobRead(read) => self.read(read, attachments),
            EffectKind::SecretReveal(reveal) => self.secret(&reveal.field).map(|value| {
                Answer::Secret(SecretValue {
                    value: value.into(),
                })
            }),
            EffectKind::Unknown(name) => Err(CallError::new(
                code::UNSUPPORTED,
                format!("The stage does not perform {name}."),
            )),
        })
    }

    #[track_caller]
    fn next_reply(&mut self, request: &SentRequest) -> Reply {
        match &mut self.replies {
            Replies::Computed(reply) => reply(request),
            Replies::Recorded(exchanges) => exchanges.next(request),
            Replies::Scripted(replies) => match replies.pop_front() {
                Some(reply) => reply,
                None => panic!("no reply is left for {} {}", request.method, request.url),
            },
        }
    }

    /// Goes on where the last draw ended: two draws differ.
    fn draw(&mut self, len: u32) -> Vec<u8> {
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        let drawn = self
            .random
            .iter()
            .copied()
            .cycle()
            .skip(self.drawn % self.random.len().max(1))
            .take(len);
        let drawn: Vec<u8> = drawn.collect();
        self.drawn += len;
        drawn
    }

    fn secret(&self, field: &str) -> Result<String, CallError> {
        let absent = || {
            let message = format!(
                "The credential has no field {field}. Give the stage one with .secret(\"{field}\", …)."
            );
            CallError::new(code::CREDENTIAL, message)
        };
        self.secrets.get(field).cloned().ok_or_else(absent)
    }

    fn verify(&self, verify: &HmacVerify<'_>, frame: &Frame<'_>) -> Result<bool, CallError> {
        let message = frame
            .attachment(verify.message)
            .expect("a message in the frame");
        let asked = SignatureAsked {
            algorithm: verify.algorithm,
            field: verify.field.to_string(),
            message: message.to_vec(),
            signature: verify.signature.to_string(),
            encoding: verify.encoding,
        };
        match &self.judge {
            Some(judge) => Ok(judge(&asked)),
            None => Ok(hmac::is_valid(
                &asked,
                self.secret(&asked.field)?.as_bytes(),
            )),
        }
    }

    fn read(
        &self,
        read: &BlobRead<'_>,
        attachments: &mut Attachments,
    ) -> Result<Answer<'static>, CallError> {
        let absent = || {
            CallError::new(
                code::INVALID_REQUEST,
                format!("There is no blob {}.", read.id),
            )
        };
        let blob = self.blobs.get(read.id.as_ref()).ok_or_else(absent)?;
        let at = |position: u64| {
            usize::try_from(position)
                .unwrap_or(usize::MAX)
                .min(blob.len())
        };
        let bytes = &blob[at(read.offset)..at(read.offset.saturating_add(read.len))];
        Ok(Answer::Blob(BlobBytes {
            bytes: attachments.attach(bytes),
            size: blob.len() as u64,
            content_type: "application/octet-stream".into(),
        }))
    }

    /// Lets time pass until the next sleeper wakes.
    fn wake_next(&mut self) -> Option<Event<Answer<'static>>> {
        let (position, _) = self
            .sleeping
            .iter()
            .enumerate()
            .min_by_key(|(_, (_, until))| *until)?;
        let (id, until) = self.sleeping.swap_remove(position);
        let passed = u64::try_from(until - self.unix_micros).unwrap_or_default();
        self.ran.slept += Duration::from_micros(passed);
        self.unix_micros = self.unix_micros.max(until);
        Some(Event::ok(id, Answer::Empty(Empty {})))
    }
}
