use jackfield_plugin_sdk::testing::{self, Captured, Ran, Reply, SentRequest, Stage, Theatre};

use super::*;

/// The account that the SDK was given when its requests were captured.
pub(crate) const SID: &str = "AC0123456789abcdef0123456789abcdef";

fn stage() -> Theatre {
    testing::plugin(crate::plugin())
}

fn prepared(config: Value) -> Stage {
    let stage = stage().node("twilio", config);
    stage
        .connected_app("twilio", &json!({}))
        .secret("accountSid", SID)
}

fn run(config: Value, reply: Reply) -> Ran {
    prepared(config).reply(reply).run()
}

/// What is sent is what the SDK sends; the credentials are the host's.
#[track_caller]
pub(crate) fn as_the_sdk(name: &str, request: &SentRequest) {
    let captured = Captured::parse(include_str!("../fixtures/captured.json"));
    captured.assert_sent(name, request, "", &["accept", "content-type"]);
}

fn message() -> Reply {
    let message = json!({
        "sid": "SM1", "status": "queued", "to": "+15551230000", "from": "+15550100", "body": "Hello", "num_segments": "1",
        "account_sid": SID, "error_code": null, "error_message": null, "price": null, "direction": "outbound-api",
    });
    Reply::json(201, &message)
}

fn call() -> Reply {
    let call = json!({"sid": "CA1", "status": "queued", "to": "+15551230000", "from": "+15550100", "direction": "outbound-api"});
    Reply::json(201, &call)
}

fn little() -> Value {
    json!({"operation": "send_sms", "to": "+15551230000", "from": "+15550100", "body": "Hello"})
}

#[track_caller]
fn sends(name: &str, config: Value, reply: Reply) {
    let ran = run(config, reply);
    assert!(ran.result.is_ok(), "{}", ran.error());
    as_the_sdk(name, &ran.requests[0]);
}

#[test]
fn a_message_is_sent_as_the_sdk_sends_it() {
    let config = json!({
        "operation": "send_sms", "to": "+1 (555) 123-0000", "from": "+1 555 0100", "body": "Tomorrow at 10 — Müller & Söhne",
        "mediaUrls": ["https://example.com/a.png", "https://example.com/b.png"], "statusCallback": "https://example.com/status?a=b",
        "validityPeriod": 600, "smartEncoded": true, "sendAsMms": false, "messageIntent": "notifications", "riskCheck": "disable",
        "contentRetention": "discard", "addressRetention": "obfuscate",
    });
    sends("send_sms", config, message());
    sends("send_sms_with_little", little(), message());
}

/// The default number is in the config whether the service wants it or not.
#[test]
fn a_messaging_service_chooses_the_number() {
    let config = json!({
        "operation": "send_sms", "to": "whatsapp:+15551230000", "from": "+15550100", "messagingServiceSid": "MG1", "contentSid": "HX1",
        "contentVariables": {"1": "Ada", "2": "10:00"}, "sendAt": "2026-12-24T10:00:00Z", "shortenUrls": true,
    });
    sends("send_sms_of_a_service", config, message());
}

#[test]
fn a_message_template_says_what_the_node_does_not() {
    let template = json!({"textBody": "Hello", "from": "+15550100"});
    let config = json!({"operation": "send_sms", "to": "+15551230000", "template": template});
    sends("send_sms_with_little", config.clone(), message());
    let mut own = config;
    own["body"] = "Good-bye".into();
    let ran = run(own, message());
    assert!(
        ran.requests[0]
            .form()
            .contains(&("Body".to_owned(), "Good-bye".to_owned()))
    );
}

#[test]
fn a_call_is_made_as_the_sdk_makes_it() {
    let config = json!({
        "operation": "make_call", "to": "+15551230000", "from": "+15550100", "voiceUrl": "https://example.com/voice.xml",
        "voiceUrlMethod": "GET", "fallbackUrl": "https://example.com/else.xml", "statusCallback": "https://example.com/status",
        "statusCallbackEvents": ["initiated", "answered"], "ringSeconds": 30, "timeLimit": 600, "sendDigits": "ww1234#", "record": true,
        "recordingChannels": "dual", "recordingStatusCallback": "https://example.com/recorded", "machineDetection": "detect_message_end",
        "callReason": "Appointment",
    });
    sends("make_call", config, call());
    let little = json!({"operation": "make_call", "to": "+15551230000", "from": "+15550100", "twiml": "<Response><Say>Hello</Say></Response>"});
    sends("make_call_with_little", little, call());
}

#[test]
fn a_number_is_looked_up_as_the_sdk_does() {
    let found = || {
        Reply::json(
            200,
            &json!({"valid": true, "phone_number": "+15551230000", "validation_errors": null}),
        )
    };
    let config = json!({
        "operation": "lookup", "to": "+1 555 123-0000", "fields": ["line_type_intelligence", "identity_match"], "firstName": "Ada",
        "lastName": "Lovelace", "addressLine1": "12 St James's Square", "addressLine2": "2nd floor", "city": "London",
        "state": "England", "postalCode": "SW1Y 4JH", "addressCountryCode": "GB", "nationalId": "QQ123456C", "dateOfBirth": "18151210",
        "lastVerifiedDate": "20260101", "verificationSid": "VE1",
    });
    sends("lookup", config, found());
    // The host has put the default number there, which nobody asked for.
    let little = json!({"operation": "lookup", "to": "+15551230000", "from": "+15550100"});
    sends("lookup_with_little", little, found());
    let national = json!({"operation": "lookup", "to": "(415) 992-9960", "countryCode": "US"});
    sends("lookup_in_a_country", national, found());
    let invalid = json!({"valid": false, "phone_number": "+1415", "validation_errors": ["TOO_SHORT"], "country_code": null});
    let ran = run(
        json!({"operation": "lookup", "to": "+1415999"}),
        Reply::json(200, &invalid),
    );
    assert_eq!(ran.output(), invalid);
}

#[test]
fn what_twilio_refuses_is_told_with_its_words() {
    let refused = |status: u16, code: u32, message: &str| {
        let error = json!({"code": code, "message": message, "more_info": format!("https://www.twilio.com/docs/errors/{code}"), "status": status});
        run(little(), Reply::json(status, &error)).error().clone()
    };
    let said = "The 'To' number +15551230000 is not a valid phone number.";
    let error = refused(400, 21211, said);
    assert_eq!(
        error.to_string(),
        format!("ERROR_21211: api.twilio.com answered 400: {said}")
    );
    assert!(!error.retryable);
    let data: Value = serde_json::from_str(error.data.as_ref().unwrap().get()).unwrap();
    assert_eq!(
        data["more_info"],
        "https://www.twilio.com/docs/errors/21211"
    );
    assert_eq!(refused(401, 20003, "Authenticate").code, "CREDENTIAL");

    let limited = refused(429, 20429, "Too Many Requests");
    assert_eq!(
        (limited.retryable, limited.retry_after_ms),
        (true, Some(1_000))
    );
    let limited = Reply::json(
        429,
        &json!({"code": 20429, "message": "Too Many Requests", "status": 429}),
    )
    .header("Retry-After", "3");
    assert_eq!(run(little(), limited).error().retry_after_ms, Some(3_000));
    assert!(refused(503, 20503, "Service unavailable").retryable);

    let details = json!({"type": "about:blank", "title": "Bad Request", "status": 400, "code": 60600, "detail": "Unprovisioned"});
    let error = run(
        json!({"operation": "lookup", "to": "+15551230000"}),
        Reply::json(400, &details),
    )
    .error()
    .clone();
    assert_eq!(
        error.to_string(),
        "ERROR_60600: lookups.twilio.com answered 400: Unprovisioned."
    );
}

#[test]
fn a_message_that_failed_at_once_is_no_success() {
    let failed = json!({"sid": "SM1", "status": "failed", "to": "+15551230000", "error_code": 30006, "error_message": "Landline or unreachable carrier"});
    let ran = run(little(), Reply::json(201, &failed));
    assert_eq!(
        ran.error().to_string(),
        "ERROR_30006: api.twilio.com answered 201: Landline or unreachable carrier."
    );
    assert!(!ran.error().retryable);
}

#[test]
fn mistakes_are_told_before_anything_is_sent() {
    let refused = |config: Value| {
        let ran = prepared(config).run();
        assert!(ran.requests.is_empty());
        ran.error().to_string()
    };
    let mut config = little();
    config["to"] = "555 0100".into();
    assert_eq!(
        refused(config),
        "INVALID_CONFIG: to in the config of twilio is not valid: `555 0100` is no phone number in the international form: write it with \
         its country code, such as +15551230000."
    );
    let without = |member: &str| {
        let mut config = little();
        config.as_object_mut().unwrap().remove(member);
        refused(config)
    };
    assert!(without("body").contains("choose a message template"));
    assert!(without("from").contains("choose a default number"));
    let mut later = little();
    later["sendAt"] = "2026-12-24T10:00:00Z".into();
    assert!(refused(later).contains("needs a messagingServiceSid"));
    let silent = json!({"operation": "make_call", "to": "+15551230000", "from": "+15550100"});
    assert!(refused(silent).contains("give one of them"));
    assert!(
        refused(json!({"operation": "lookup", "to": "415 992 9960"})).contains("give countryCode")
    );
    assert!(
        refused(json!({"operation": "lookup", "to": "../x", "countryCode": "US"}))
            .contains("no phone number")
    );
}

#[test]
fn the_settings_of_the_app_name_the_account() {
    let stage = stage().node("twilio", little());
    let stage = stage.connected_app("twilio", &json!({"accountSid": "AC2"}));
    let ran = stage.reply(message()).run();
    assert_eq!(
        ran.requests[0].url,
        "https://api.twilio.com/2010-04-01/Accounts/AC2/Messages.json"
    );
    let outside = prepared(little())
        .connected_app("twilio", &json!({"accountSid": "AC2/../x"}))
        .run();
    assert!(
        outside.error().message.contains("is no account SID"),
        "{}",
        outside.error()
    );
}

fn choices(source: &str, list: &Value) -> (SentRequest, Value) {
    let stage = stage().options("twilio", source, json!({}));
    let stage = stage
        .connected_app("twilio", &json!({}))
        .secret("accountSid", SID);
    let mut ran = stage.reply(Reply::json(200, list)).run();
    let output = ran.output();
    (ran.requests.remove(0), output)
}

#[test]
fn choices_are_those_of_the_account() {
    let numbers = json!({
        "incoming_phone_numbers": [{"phone_number": "+15550100", "friendly_name": "Front desk", "capabilities": {"sms": true, "voice": true}}],
        "next_page_uri": null,
    });
    let (request, loaded) = choices("phone_numbers", &numbers);
    as_the_sdk("numbers", &request);
    assert_eq!(
        loaded,
        json!({"options": [{"value": "+15550100", "label": "+15550100", "description": "Front desk"}]})
    );
    let services = json!({
        "services": [{"sid": "MG1", "friendly_name": "Reminders"}],
        "meta": {"key": "services", "next_page_url": "https://messaging.twilio.com/v1/Services?PageSize=50&Page=1&PageToken=PAMG1"},
    });
    let (request, loaded) = choices("messaging_services", &services);
    as_the_sdk("messaging_services", &request);
    assert_eq!(
        loaded,
        json!({"options": [{"value": "MG1", "label": "Reminders", "description": "MG1"}], "cursor": "1 PAMG1"})
    );
}
