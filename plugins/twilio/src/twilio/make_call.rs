//! <https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource>

use jackfield_plugin_sdk::prelude::*;

use crate::api::{invalid, post};
use crate::number::{Address, sender};

/// Makes a phone call.
#[derive(Config, Body)]
#[body(names = "PascalCase")]
pub(super) struct MakeCall {
    /// Who is called: a number with its country code, or an address such as `sip:ada@example.com` or `client:ada`.
    #[field(example = &"+15551230000")]
    to: Address,
    /// What it is called from: one of the connected app's phone numbers, or a number that Twilio has verified. The default number
    /// unless given.
    #[field(
        resource = "phone_number",
        options = "phone_numbers",
        placeholder = "+15550100"
    )]
    from: String,
    /// Where Twilio fetches what happens in the call, as TwiML. One of this, `twiml` and `applicationSid` is needed.
    #[field(
        label = "Voice URL",
        body = "Url",
        format = "uri",
        placeholder = "https://example.com/voice.xml"
    )]
    voice_url: Option<String>,
    /// What happens in the call, as TwiML.
    #[field(
        label = "TwiML",
        widget = "code",
        language = "xml",
        max_length = 4000,
        placeholder = "<Response><Say>See you tomorrow at ten.</Say></Response>"
    )]
    twiml: Option<String>,
    /// An application of Twilio that says what happens in the call.
    #[field(advanced, label = "Application", placeholder = "AP…", pattern = "^AP")]
    application_sid: Option<String>,
    /// How the voice URL is fetched; with POST unless given.
    #[field(advanced, label = "Voice URL method", body = "Method")]
    voice_url_method: Option<Method>,
    /// What Twilio fetches where the voice URL fails.
    #[field(advanced, label = "Fallback URL", format = "uri")]
    fallback_url: Option<String>,
    /// Where Twilio tells how far the call is: commonly the URL of the connected app's hook.
    #[field(advanced, label = "Status callback URL", format = "uri")]
    status_callback: Option<String>,
    /// What it tells there; only the end of the call unless given.
    #[field(
        advanced,
        label = "Status callback events",
        body = "StatusCallbackEvent"
    )]
    status_callback_events: Option<Vec<Progress>>,
    /// For how many seconds it rings; 60 unless given.
    #[field(advanced, label = "Ring for", body = "Timeout", min = 1, max = 600)]
    ring_seconds: Option<u32>,
    /// After how many seconds Twilio ends the call.
    #[field(advanced, min = 1)]
    time_limit: Option<u32>,
    /// Keys that are pressed once somebody answers; `w` waits half a second.
    #[field(
        advanced,
        max_length = 32,
        pattern = "^[0-9A-DwW*#]+$",
        example = &"ww1234#"
    )]
    send_digits: Option<String>,
    /// Whether the call is recorded.
    #[field(advanced)]
    record: Option<bool>,
    /// Whether both sides are recorded as one or as two channels.
    #[field(advanced, shown_when(record = true))]
    recording_channels: Option<RecordingChannels>,
    /// Where Twilio tells that the recording is there.
    #[field(
        advanced,
        label = "Recording status callback URL",
        format = "uri",
        shown_when(record = true)
    )]
    recording_status_callback: Option<String>,
    /// Whether Twilio finds out if a machine answers, and for what it waits.
    #[field(advanced)]
    machine_detection: Option<MachineDetection>,
    /// What the call is for, as the other side sees it where branded calls are set up.
    #[field(advanced)]
    call_reason: Option<String>,
}

/// How something is fetched.
#[derive(Config, Body)]
enum Method {
    #[field(name = "GET")]
    Get,
    #[field(name = "POST")]
    Post,
}

/// How far a call is.
#[derive(Config, Body)]
enum Progress {
    Initiated,
    Ringing,
    Answered,
    Completed,
}

/// How a recording is made.
#[derive(Config, Body)]
enum RecordingChannels {
    Mono,
    Dual,
}

/// What is done about answering machines.
#[derive(Config, Body)]
enum MachineDetection {
    /// The call goes on as soon as it is known who answers.
    #[field(body = "Enable")]
    Enable,
    /// With a machine it goes on after its greeting.
    #[field(body = "DetectMessageEnd")]
    DetectMessageEnd,
}

/// A call that Twilio makes. Its answer has more members.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Made {
    /// By which Twilio's webhooks refer to it.
    sid: String,
    /// How far it is; `queued` at first.
    status: String,
    /// Who is called.
    to: String,
    /// What it is called from.
    from: String,
}

impl Operation for MakeCall {
    const NAME: &'static str = "make_call";
    type Output = Whole<Made>;

    async fn run(mut self, context: Context) -> Result<Self::Output> {
        self.from = sender(&self.from)?;
        let said = [&self.voice_url, &self.twiml, &self.application_sid];
        if said.iter().filter(|said| said.is_some()).count() != 1 {
            return Err(invalid(
                "One of voiceUrl, twiml and applicationSid says what happens in the call: give one of them.",
            ));
        }
        post(&context, "Calls.json", &self).await
    }
}
