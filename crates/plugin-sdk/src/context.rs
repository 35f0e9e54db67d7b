use std::sync::Arc;
use std::time::Duration;

use jackfield_plugin_abi::frame::{Frame, FrameError};
use jackfield_plugin_abi::messages::{
    BlobBytes, BlobRead, BlobRef, Call, CallError, CredentialSlot, EffectKind, Empty,
    HmacAlgorithm, HmacVerify, Level, Log, Now, Progress, Random, RandomBytes, SecretReveal,
    SecretValue, SignatureEncoding, Sleep, Time, Verified, code,
};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::call::{Ask, Cancelled, Wire};
use crate::{Http, Result};

/// What a node can know and do. Cheap to clone.
#[derive(Clone)]
pub struct Context {
    about: Arc<AboutCall>,
    wire: Arc<Wire>,
}

struct AboutCall {
    input: Box<RawValue>,
    attempt: u32,
    idempotency_key: Arc<str>,
    timeout: Option<Duration>,
    credentials: Vec<Credential>,
    run_id: Option<String>,
}

/// A credential that requests can refer to. Its value never reaches a plugin.
#[derive(Clone, Debug)]
pub struct Credential {
    slot: String,
    provider: String,
    settings: Option<Box<RawValue>>,
}

/// A secret in the clear. It has no `Debug`, so that it is not logged by accident.
pub struct Secret(String);

impl Secret {
    /// The value.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// A point in time, by the host's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub unix_micros: i64,
}

impl Context {
    pub(crate) fn new(call: &Call<'_>, wire: Arc<Wire>) -> Self {
        let credential = |slot: &CredentialSlot<'_>| Credential {
            slot: slot.slot.to_string(),
            provider: slot.provider.to_string(),
            settings: slot.settings.map(ToOwned::to_owned),
        };
        let about = AboutCall {
            input: call.input.to_owned(),
            attempt: call.attempt,
            idempotency_key: call.idempotency_key.as_ref().into(),
            timeout: call.timeout_ms.map(Duration::from_millis),
            credentials: call.credentials.iter().map(credential).collect(),
            run_id: call.run.as_ref().map(|run| run.run_id.to_string()),
        };
        Self {
            about: Arc::new(about),
            wire,
        }
    }

    /// What came in through the node's input port.
    ///
    /// # Errors
    /// [`code::INVALID_INPUT`] when it is no `T`.
    pub fn input<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(self.about.input.get()).map_err(|error| {
            let message = format!("The node cannot work with its input: {error}.");
            CallError::new(code::INVALID_INPUT, message)
        })
    }

    /// What came in, as it came.
    pub fn raw_input(&self) -> &RawValue {
        &self.about.input
    }

    /// 1 on the first try.
    pub fn attempt(&self) -> u32 {
        self.about.attempt
    }

    /// The same on every try of this step, and on no other step.
    pub fn idempotency_key(&self) -> &str {
        &self.about.idempotency_key
    }

    /// How long the call may take, where it is limited.
    pub fn timeout(&self) -> Option<Duration> {
        self.about.timeout
    }

    /// The run that the call belongs to, `run_…`.
    pub fn run_id(&self) -> Option<&str> {
        self.about.run_id.as_deref()
    }

    /// The credential of the node's connected app.
    pub fn credential(&self) -> Option<&Credential> {
        self.credential_in(CredentialSlot::DEFAULT)
    }

    /// The credential in a slot.
    pub fn credential_in(&self, slot: &str) -> Option<&Credential> {
        self.about
            .credentials
            .iter()
            .find(|credential| credential.slot == slot)
    }

    /// Sends HTTP requests.
    pub fn http(&self) -> Http {
        Http::new(self.wire.clone(), self.about.idempotency_key.clone())
    }

    /// A key of an effect of your own: the same on every attempt of the step, another for each `name` and each call of this
    /// function. Requests have [`idempotent`](crate::Request::idempotent).
    pub fn effect_key(&self, name: &str) -> String {
        self.wire.effect_key(&self.about.idempotency_key, name)
    }

    /// Ready, with the reason, when the host cancels the call. Without such a future the node's own future is dropped; with
    /// one it goes on and has a moment to tidy up. Effects may no longer be answered then.
    ///
    /// ```
    /// use futures_util::future::{Either, select};
    /// # use jackfield_plugin_sdk::prelude::*;
    ///
    /// # async fn example(context: Context) -> Result<()> {
    /// let work = std::pin::pin!(context.http().get("https://example.com/slow").send());
    /// match select(work, context.cancelled()).await {
    ///     Either::Left((response, _)) => drop(response?),
    ///     Either::Right((reason, _)) => {
    ///         context.log(jackfield_plugin_sdk::Level::Info, format!("Given up: {reason}"));
    ///         return Err(Error::new("CANCELLED", reason));
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn cancelled(&self) -> Cancelled {
        Cancelled::new(self.wire.clone())
    }

    /// A field of a credential in the clear. Needs [`Plugin::reveals_secrets`](crate::Plugin::reveals_secrets) and the
    /// operator's grant; prefer credentials by reference, which need neither.
    ///
    /// # Errors
    /// [`code::CAPABILITY_NOT_GRANTED`], or when there is no such field.
    pub async fn reveal(&self, credential: &Credential, field: &str) -> Result<Secret> {
        let effect = EffectKind::SecretReveal(SecretReveal {
            credential: credential.slot.clone().into(),
            field: field.to_owned().into(),
        });
        let read = |json: &RawValue, _: &Frame<'_>| {
            let SecretValue { value } =
                serde_json::from_str(json.get()).map_err(FrameError::Json)?;
            Ok(Secret(value.into_owned()))
        };
        self.ask(effect, read).await
    }

    /// A text that is no secret but belongs to the account of the node's connected app, such as its number or its data center: the
    /// member `name` of the app's settings, otherwise the field of that name of its credentials, as far as the operator has granted
    /// [`Plugin::reveals_secrets`](crate::Plugin::reveals_secrets). None when neither tells.
    ///
    /// # Errors
    /// [`code::NO_CREDENTIAL`] without a connected app; when the settings are no object, or the host cannot answer now.
    pub async fn of_app(&self, name: &str) -> Result<Option<String>> {
        let absent = || CallError::new(code::NO_CREDENTIAL, "Choose a connected app.");
        let app = self.credential().ok_or_else(absent)?;
        let settings: serde_json::Map<String, serde_json::Value> = app.settings()?;
        let given = settings.get(name).and_then(|value| value.as_str());
        if let Some(given) = given.filter(|given| !given.trim().is_empty()) {
            return Ok(Some(given.trim().to_owned()));
        }
        match self.reveal(app, name).await {
            Ok(told) => {
                let told = told.expose().trim().to_owned();
                Ok(Some(told).filter(|told| !told.is_empty()))
            }
            Err(error) if error.retryable => Err(error),
            Err(_) => Ok(None),
        }
    }

    /// Lets time pass. The host may store the call meanwhile.
    ///
    /// # Errors
    /// Only when the host cannot do it.
    pub async fn sleep(&self, time: Duration) -> Result<()> {
        let ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let ask = self.ask(EffectKind::Sleep(Sleep { ms }), |json, _| {
            parse::<Empty>(json)
        });
        ask.await.map(|_| ())
    }

    /// Writes a line into the run's log. Never log what may be secret.
    pub fn log(&self, level: Level, message: impl Into<String>) {
        self.wire.tell(EffectKind::Log(Log {
            level,
            message: message.into().into(),
            fields: None,
        }));
    }

    /// Shows how far the call is: `fraction` is 0 to 1.
    pub fn progress(&self, fraction: f64, message: impl Into<String>) {
        self.wire.tell(EffectKind::Progress(Progress {
            fraction: fraction.is_finite().then(|| fraction.clamp(0.0, 1.0)),
            message: Some(message.into().into()),
        }));
    }

    /// What time it is. The same when a call is replayed.
    ///
    /// # Errors
    /// Only when the host cannot do it.
    pub async fn now(&self) -> Result<Timestamp> {
        let read = |json: &RawValue, _: &Frame<'_>| parse::<Time>(json);
        let Time { unix_micros } = self.ask(EffectKind::Now(Now {}), read).await?;
        Ok(Timestamp { unix_micros })
    }

    /// Random bytes, fit for keys. The same when a call is replayed.
    ///
    /// # Errors
    /// Only when the host cannot do it, or for more than 1024 bytes.
    pub async fn random(&self, len: u32) -> Result<Vec<u8>> {
        let read = |json: &RawValue, frame: &Frame<'_>| {
            let RandomBytes { bytes } = parse(json)?;
            Ok(frame.attachment(bytes)?.to_vec())
        };
        self.ask(EffectKind::Random(Random { len }), read).await
    }

    /// Reads `len` bytes of a stored body from `offset` on, fewer at its end.
    ///
    /// # Errors
    /// When the host does not have it (any more).
    pub async fn read_blob(&self, blob: &BlobRef, offset: u64, len: u64) -> Result<Vec<u8>> {
        let read = |json: &RawValue, frame: &Frame<'_>| {
            let BlobBytes { bytes, .. } =
                serde_json::from_str(json.get()).map_err(FrameError::Json)?;
            Ok(frame.attachment(bytes)?.to_vec())
        };
        let id = blob.id.clone().into();
        self.ask(EffectKind::BlobRead(BlobRead { id, offset, len }), read)
            .await
    }

    /// Whether `signature` is the HMAC of `message` under the key that the field `field` of a credential holds. The host
    /// compares, in constant time.
    ///
    /// # Errors
    /// When there is no such credential, or `signature` is not written in `encoding`.
    pub async fn verify_hmac(
        &self,
        algorithm: HmacAlgorithm,
        key: (&Credential, &str),
        message: &[u8],
        signature: (&str, SignatureEncoding),
    ) -> Result<bool> {
        let (credential, field) = (key.0.slot.clone().into(), key.1.to_owned().into());
        let (text, encoding) = (signature.0.to_owned().into(), signature.1);
        let message = message.to_vec();
        let effect = move |attachments: &mut jackfield_plugin_abi::frame::Attachments| {
            EffectKind::HmacVerify(HmacVerify {
                algorithm,
                credential,
                field,
                message: attachments.attach_owned(message),
                signature: text,
                encoding,
            })
        };
        let read = |json: &RawValue, _: &Frame<'_>| parse::<Verified>(json);
        let ask = Ask::new(self.wire.clone(), effect, read);
        Ok(ask.await?.valid)
    }

    fn ask<T: Send + 'static>(
        &self,
        effect: EffectKind<'static>,
        read: fn(&RawValue, &Frame<'_>) -> Result<T, FrameError>,
    ) -> Ask<T> {
        Ask::new(self.wire.clone(), move |_| effect, read)
    }
}

impl Credential {
    /// What requests call it.
    pub fn slot(&self) -> &str {
        &self.slot
    }

    /// Whose it is.
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// The connected app's settings, which are no secrets.
    ///
    /// # Errors
    /// [`code::INVALID_CONFIG`] when they are no `T`.
    pub fn settings<T: DeserializeOwned>(&self) -> Result<T> {
        let settings = self
            .settings
            .as_ref()
            .map_or("{}", |settings| settings.get());
        serde_json::from_str(settings).map_err(|error| {
            let message = format!("The settings of the connected app are not valid: {error}.");
            CallError::new(code::INVALID_CONFIG, message)
        })
    }
}

fn parse<T: DeserializeOwned>(json: &RawValue) -> Result<T, FrameError> {
    serde_json::from_str(json.get()).map_err(FrameError::Json)
}
