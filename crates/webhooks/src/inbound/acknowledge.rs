//! What a provider is answered to a request that was taken, where it wants to read something else than the event's id.

use http::{HeaderMap, HeaderValue, header::CONTENT_TYPE};
use jackfield_storage::inbound_hook::Scheme;

use super::request::Reply;

/// TwiML that asks Twilio for nothing, <https://www.twilio.com/docs/messaging/twiml>.
const NOTHING: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#;

/// The answer to what was taken unless a workflow or a trigger has one; `None` where the event's id is as good as anything.
pub(super) fn acknowledgement(scheme: Scheme) -> Option<Reply> {
    match scheme {
        // Slack reads whatever else there is as a message to whoever typed a command, or as what to do with a dialog:
        // <https://docs.slack.dev/interactivity/implementing-slash-commands>.
        Scheme::Slack => Some(Reply::default()),
        Scheme::Twilio => Some(Reply {
            headers: HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("text/xml"))]),
            body: NOTHING.to_owned(),
            ..Reply::default()
        }),
        _ => None,
    }
}
