//! A message in a stream of NATS JetStream.

use std::fmt;

use jackfield_egress::nats::{Credentials, Message as Published, Reply, Server};
use jackfield_egress::{Egress, EgressError};
use serde::{Deserialize, Serialize};

use super::super::authentication::Credential;
use super::{Answer, KEPT, Message, Sink, text};

/// What stands in a subject for the type of the event.
const TYPE: &str = "{type}";

/// The longest subject, in bytes. A server takes no line of its protocol that is longer than 4,096.
const LONGEST: usize = 512;

/// The status of NATS for nobody being there, and of JetStream for not being able to.
const UNAVAILABLE: u16 = 503;

/// The status of JetStream for too much at once.
const TOO_MANY: u16 = 429;

/// Why a server of NATS gets no access token.
pub(in crate::outbound) const NO_OAUTH2: &str = "A server of NATS takes a token (`bearer`) or a user with a password (`basic`), and no OAuth 2.0.";

/// A subject of a server.
#[derive(Debug)]
pub(in crate::outbound) struct Nats {
    server: Server,
    subject: Subject,
    credentials: Credentials,
}

impl Nats {
    /// Reads `nats://host[:4222]/subject` or `tls://…`. The error is a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (_, behind) = text.split_once("://").unwrap_or_default();
        let subject = behind.split_once('/').map_or("", |(_, subject)| subject);
        let server = &text[..text.len() - subject.len()];
        Ok(Self {
            server: Server::parse(server).map_err(|error| error.to_string())?,
            subject: Subject::parse(subject)?,
            credentials: Credentials::None,
        })
    }

    /// Connects with a credential. The error is a sentence.
    pub fn authenticate(&mut self, credential: Credential) -> Result<(), String> {
        self.credentials = match credential {
            Credential::Bearer(token) => Credentials::Token(token.expose().to_owned()),
            Credential::Basic { username, password } => Credentials::User {
                name: username,
                password: password.expose().to_owned(),
            },
            Credential::Token(_) => return Err(NO_OAUTH2.to_owned()),
        };
        Ok(())
    }

    pub async fn check(&self, egress: &Egress) -> Result<bool, EgressError> {
        egress.check_nats(&self.server).await
    }

    pub fn is_encrypted(&self) -> bool {
        self.server.is_tls()
    }
}

impl fmt::Display for Nats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.server, self.subject.0)
    }
}

impl Sink for Nats {
    async fn send(&self, egress: &Egress, message: Message) -> Answer {
        let subject = match self.subject.of(&message.event.event_type) {
            Ok(subject) => subject,
            Err(why) => return Answer::none(format!("SUBJECT: {why}")),
        };
        let published = Published {
            subject: subject.clone(),
            id: message.event.id.to_string(),
            headers: message.headers,
            body: message.body,
        };
        let patience = message.patience;
        let reply = egress.nats(&self.server, &self.credentials, published, patience);
        match reply.await {
            Ok(Reply::Answer(body)) => judge(&body),
            Ok(Reply::Nobody) => nobody(&subject),
            Err(error) => error.into(),
        }
    }
}

/// Where messages go, with a place for the event's type or without.
#[derive(Debug)]
struct Subject(String);

impl Subject {
    fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err(
                "The URL must end with a subject, such as nats://broker.example.com/orders.{type}."
                    .to_owned(),
            );
        }
        let sample = text.replace(TYPE, "type");
        if sample.contains(['{', '}']) {
            return Err("A subject has nothing in braces but {type}.".to_owned());
        }
        check(&sample).map_err(|why| format!("Nothing can be sent to this subject: {why}."))?;
        Ok(Self(text.to_owned()))
    }

    /// The subject of an event. What can be published as a type may be none within a subject.
    fn of(&self, event_type: &str) -> Result<String, String> {
        let subject = self.0.replace(TYPE, event_type);
        match check(&subject) {
            Ok(()) => Ok(subject),
            Err(why) => Err(format!("there is no subject for this type of event: {why}")),
        }
    }
}

/// What a subject must be (<https://docs.nats.io/nats-concepts/subjects>). Those that begin with `$` are the server's own: one of
/// them deletes streams.
fn check(subject: &str) -> Result<(), &'static str> {
    let odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '/' | '?' | '#' | '%');
    if subject.len() > LONGEST {
        return Err("it is longer than 512 bytes");
    }
    if subject.starts_with('$') {
        return Err("subjects that begin with $ are the server's own");
    }
    if subject.contains(odd) {
        return Err("it has white space or one of / ? # % in it");
    }
    for token in subject.split('.') {
        match token {
            "" => return Err("it begins or ends with a dot, or has two of them in a row"),
            "*" | ">" => return Err("it has a wildcard in it"),
            _ => {}
        }
    }
    Ok(())
}

/// What JetStream says when it has a message.
#[derive(Serialize, Deserialize)]
struct Acknowledged {
    stream: String,
    seq: u64,
    #[serde(default)]
    duplicate: bool,
}

/// What it says when it does not take it.
#[derive(Deserialize)]
struct Refused {
    error: Reason,
}

#[derive(Deserialize)]
struct Reason {
    code: u16,
    #[serde(default)]
    err_code: u32,
    #[serde(default)]
    description: String,
}

fn judge(body: &[u8]) -> Answer {
    if let Ok(Refused { error }) = serde_json::from_slice(body) {
        let Reason {
            code,
            err_code,
            description,
        } = error;
        let why = format!("JETSTREAM: the server refused with error {err_code}: {description}");
        return Answer {
            status: Some(code),
            text: Some(kept(body)),
            slow_down: matches!(code, UNAVAILABLE | TOO_MANY),
            ..Answer::none(why.replace('\0', "\u{fffd}"))
        };
    }
    let acknowledged = serde_json::from_slice::<Acknowledged>(body);
    match acknowledged.and_then(|told| serde_json::to_string(&told)) {
        Ok(told) => Answer {
            text: Some(told.replace('\0', "\u{fffd}")),
            refusal: None,
            ..Answer::none(String::new())
        },
        Err(_) => Answer {
            text: Some(kept(body)),
            ..Answer::none("NO_ACKNOWLEDGEMENT: somebody answered who is no stream; only a stream's acknowledgement counts as received".to_owned())
        },
    }
}

fn nobody(subject: &str) -> Answer {
    Answer {
        status: Some(UNAVAILABLE),
        ..Answer::none(format!(
            "NO_STREAM: no stream takes the subject {subject}; create one, or change the subject in the endpoint's URL"
        ))
    }
}

fn kept(body: &[u8]) -> String {
    text(&body[..body.len().min(KEPT)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        Nats::parse(text).map_or_else(|why| why, |nats| nats.to_string())
    }

    #[test]
    fn an_endpoint_is_shown_as_it_was_typed() {
        assert_eq!(
            read("nats://Broker.example:4222/a.{type}"),
            "nats://broker.example/a.{type}"
        );
        assert_eq!(
            read("tls://broker.example:1/{type}"),
            "tls://broker.example:1/{type}"
        );
    }

    #[test]
    fn a_subject_that_cannot_be_sent_to_is_refused() {
        let subject = |subject: &str| read(&format!("nats://broker.example/{subject}"));
        insta::assert_snapshot!(read("nats://broker.example"), @"The URL must end with a subject, such as nats://broker.example.com/orders.{type}.");
        insta::assert_snapshot!(read("nats://me:hush@broker.example/a"), @"this is no URL of a NATS server: it carries a user name or password, which everybody who sees it could read");
        insta::assert_snapshot!(subject("$JS.API.STREAM.DELETE.ORDERS"), @"Nothing can be sent to this subject: subjects that begin with $ are the server's own.");
        insta::assert_snapshot!(subject("orders.>"), @"Nothing can be sent to this subject: it has a wildcard in it.");
        insta::assert_snapshot!(subject("orders..new"), @"Nothing can be sent to this subject: it begins or ends with a dot, or has two of them in a row.");
        insta::assert_snapshot!(subject("orders.{id}"), @"A subject has nothing in braces but {type}.");
        insta::assert_snapshot!(subject("orders new"), @"Nothing can be sent to this subject: it has white space or one of / ? # % in it.");
        insta::assert_snapshot!(subject("orders?x=1"), @"Nothing can be sent to this subject: it has white space or one of / ? # % in it.");
        insta::assert_snapshot!(subject(&"a".repeat(513)), @"Nothing can be sent to this subject: it is longer than 512 bytes.");
    }

    #[test]
    fn a_type_cannot_lead_a_message_elsewhere() {
        let of = |template: &str, event_type: &str| {
            let subject = Subject::parse(template).unwrap();
            subject.of(event_type).unwrap_or_else(|why| why)
        };
        assert_eq!(of("orders.{type}.{type}", "paid"), "orders.paid.paid");
        assert_eq!(of("orders", "paid"), "orders");
        insta::assert_snapshot!(of("{type}", "$JS.API.STREAM.DELETE.ORDERS"), @"there is no subject for this type of event: subjects that begin with $ are the server's own");
        insta::assert_snapshot!(of("orders.{type}", "paid."), @"there is no subject for this type of event: it begins or ends with a dot, or has two of them in a row");
        insta::assert_snapshot!(of("orders.{type}", "*"), @"there is no subject for this type of event: it has a wildcard in it");
    }

    #[test]
    fn answers_are_judged() {
        let judged = |body: &str| {
            let answer = judge(body.as_bytes());
            format!(
                "{:?} {:?} {:?} slow: {}",
                answer.status, answer.refusal, answer.text, answer.slow_down
            )
        };
        insta::assert_snapshot!(judged(r#"{"stream":"ORDERS", "seq":17}"#), @r#"None None Some("{\"stream\":\"ORDERS\",\"seq\":17,\"duplicate\":false}") slow: false"#);
        insta::assert_snapshot!(judged(r#"{"stream":"ORDERS", "domain":"eu", "seq":17, "duplicate":true}"#), @r#"None None Some("{\"stream\":\"ORDERS\",\"seq\":17,\"duplicate\":true}") slow: false"#);
        insta::assert_snapshot!(judged(r#"{"error":{"code":400,"err_code":10077,"description":"maximum messages exceeded"},"stream":"ORDERS","seq":0}"#), @r#"Some(400) Some("JETSTREAM: the server refused with error 10077: maximum messages exceeded") Some("{\"error\":{\"code\":400,\"err_code\":10077,\"description\":\"maximum messages exceeded\"},\"stream\":\"ORDERS\",\"seq\":0}") slow: false"#);
        insta::assert_snapshot!(judged(r#"{"error":{"code":503,"err_code":10023,"description":"insufficient resources"}}"#), @r#"Some(503) Some("JETSTREAM: the server refused with error 10023: insufficient resources") Some("{\"error\":{\"code\":503,\"err_code\":10023,\"description\":\"insufficient resources\"}}") slow: true"#);
        insta::assert_snapshot!(judged("thanks"), @r#"None Some("NO_ACKNOWLEDGEMENT: somebody answered who is no stream; only a stream's acknowledgement counts as received") Some("thanks") slow: false"#);
    }
}
