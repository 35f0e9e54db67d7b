//! <https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages>

use std::collections::BTreeMap;

use jackfield_plugin_sdk::code;
use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::read;
use serde_json::Map;

use crate::api::send;

/// Sends a push notification.
#[derive(Config, Body)]
pub(super) struct SendNotification {
    /// Which device, by the registration token of its app. One of token, topic and condition is needed.
    #[field(placeholder = "fGk1…")]
    token: Option<String>,
    /// All devices that have subscribed to this topic.
    #[field(placeholder = "workers", pattern = "^(/topics/)?[A-Za-z0-9_.~%-]+$")]
    topic: Option<String>,
    /// All devices that have subscribed to these topics.
    #[field(advanced, placeholder = "'workers' in topics && 'oakland' in topics")]
    condition: Option<String>,
    /// What it is called. Without title and text the app gets the data alone, and shows what it likes.
    #[field(body = "notification.title", placeholder = "On my way")]
    title: Option<String>,
    /// What it says.
    #[field(
        body = "notification.body",
        label = "Text",
        widget = "textarea",
        placeholder = "Ada arrives at ten."
    )]
    body: Option<String>,
    /// A picture, by its URL.
    #[field(
        body = "notification.image",
        advanced,
        placeholder = "https://example.com/van.png",
        format = "uri"
    )]
    image: Option<String>,
    /// What the app gets with it. FCM takes texts only: what is none is written as JSON.
    #[field(skip, widget = "key-value", example = json!({"booking": "bk_1"}))]
    data: Option<BTreeMap<String, Value>>,
    /// How urgent it is. A phone that sleeps is woken up for what is high.
    #[field(body = "android.priority")]
    priority: Option<Priority>,
    /// For how many seconds it is kept for an Android device that is away; four weeks unless given.
    #[field(skip, advanced, label = "Time to live (seconds)", max = 2_419_200)]
    time_to_live: Option<u32>,
    /// Of several with the same key, a device that was away shows the last.
    #[field(advanced, body = "android.collapse_key")]
    collapse_key: Option<String>,
    /// The sound, by its name in the app, or `default`.
    #[field(advanced, body = "android.notification.sound", placeholder = "default")]
    sound: Option<String>,
    /// The number at the app's icon, on Apple's devices; 0 takes it away.
    #[field(advanced, body = "apns.payload.aps.badge")]
    badge: Option<u32>,
    /// The channel of notifications, on Android.
    #[field(
        advanced,
        label = "Android channel",
        body = "android.notification.channel_id"
    )]
    channel: Option<String>,
    /// Where a browser goes when it is touched.
    #[field(
        advanced,
        body = "webpush.fcmOptions.link",
        placeholder = "https://example.com/bookings/bk_1",
        format = "uri"
    )]
    link: Option<String>,
    /// What reports of Firebase call it.
    #[field(
        advanced,
        body = "fcmOptions.analyticsLabel",
        pattern = "^[A-Za-z0-9-_.~%]{1,50}$"
    )]
    analytics_label: Option<String>,
    /// What else FCM can be told, as its documentation writes a message: `android`, `apns`, `webpush`. It goes before the rest.
    #[field(skip, advanced, widget = "json", example = json!({"apns": {"payload": {"aps": {"category": "JOB"}}}}))]
    message: Option<Map<String, Value>>,
    /// Whether FCM only looks whether it could be sent.
    #[field(skip, advanced, label = "Test only", default = false)]
    validate_only: bool,
}

/// How urgent a notification is.
#[derive(Clone, Copy, Config, Body)]
enum Priority {
    /// It may wait until the device is awake.
    Normal,
    /// It is shown at once.
    High,
}

/// What was sent.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Sent {
    /// FCM's name of the message: `projects/…/messages/…`.
    name: String,
}

impl Operation for SendNotification {
    const NAME: &'static str = "send_notification";
    type Output = Whole<Sent>;

    async fn run(self, context: Context) -> Result<Self::Output> {
        let message = self.message()?;
        read(send(&context, &message, self.validate_only).await?)
    }
}

impl SendNotification {
    fn message(&self) -> Result<Value> {
        let targets = [&self.token, &self.topic, &self.condition];
        if targets.iter().filter(|target| target.is_some()).count() != 1 {
            let message = "One of token, topic and condition is needed: say to whom it goes.";
            return Err(Error::new(code::INVALID_CONFIG, message));
        }
        let mut message = json!(self);
        if let Some(topic) = &self.topic {
            message["topic"] = topic.trim_start_matches("/topics/").into();
        }
        if let Some(data) = &self.data {
            let texts = data.iter().filter(|(_, value)| !value.is_null());
            message["data"] = texts
                .map(|(name, value)| (name.clone(), text(value)))
                .collect();
        }
        if let Some(seconds) = self.time_to_live {
            message["android"]["ttl"] = format!("{seconds}s").into();
        }
        self.for_apple(&mut message);
        if let Some(more) = &self.message {
            merge(&mut message, &Value::Object(more.clone()));
        }
        Ok(message)
    }

    /// What Android is told, in Apple's words: <https://developer.apple.com/documentation/usernotifications/sending-notification-requests-to-apns>.
    fn for_apple(&self, message: &mut Value) {
        if let Some(priority) = self.priority {
            let number = match priority {
                Priority::Normal => "5",
                Priority::High => "10",
            };
            message["apns"]["headers"]["apns-priority"] = number.into();
        }
        if let Some(key) = &self.collapse_key {
            message["apns"]["headers"]["apns-collapse-id"] = key.as_str().into();
        }
        if let Some(sound) = &self.sound {
            message["apns"]["payload"]["aps"]["sound"] = sound.as_str().into();
        }
    }
}

fn text(value: &Value) -> Value {
    match value {
        Value::String(text) => text.as_str().into(),
        other => other.to_string().into(),
    }
}

/// Puts the members of one into the other, as deep as both are objects.
fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (name, value) in from {
                merge(into.entry(name).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from.clone(),
    }
}
