use std::error::Error as _;
use std::future::ready;
use std::net::IpAddr;
use std::time::Duration;

use async_nats::connection::State;
use async_nats::{
    Client, ConnectError, ConnectErrorKind, ConnectOptions, Event, RequestError, RequestErrorKind,
    ServerAddr, ServerError,
};
use http::HeaderMap;
use tokio::sync::broadcast::{self, error::RecvError};

use super::thread::{self, Thread};
use super::{Credentials, Message, Reply, Server, tls};
use crate::error::{EgressError, ErrorCode, deepest};
use crate::send::Inner;

/// How often a silent server is asked whether it is still there.
const PING: Duration = Duration::from_secs(20);

/// How much trouble may be untold to somebody who waits.
const UNTOLD: usize = 64;

/// The header by which JetStream recognises what it has already.
const MESSAGE_ID: &str = "Nats-Msg-Id";

/// How a server begins to say that a subject is closed to a client; the subject follows in quotes.
const DENIED: &str = "Permissions Violation for Publish to ";

/// A connection that is open, or was.
pub(super) struct Connection {
    client: Client,
    trouble: broadcast::Sender<Trouble>,
    _thread: Thread,
}

/// What a server says to nobody in particular.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Trouble {
    /// The connection is gone, and what was still to be answered on it is not.
    Lost,
    /// Nothing may be sent to this subject.
    Denied(String),
}

impl Connection {
    /// Opens one, to addresses that were checked just now.
    pub(super) async fn open(
        inner: &Inner,
        server: &Server,
        credentials: &Credentials,
    ) -> Result<Self, EgressError> {
        let addresses = inner.resolve(server.host()).await?;
        let addresses: Vec<ServerAddr> = addresses
            .into_iter()
            .filter_map(|address| literal(server, address).parse().ok())
            .collect();
        let (trouble, _) = broadcast::channel(UNTOLD);
        let teller = trouble.clone();
        let options = match credentials.clone() {
            Credentials::None => ConnectOptions::new(),
            Credentials::Token(token) => ConnectOptions::with_token(token),
            Credentials::User { name, password } => {
                ConnectOptions::with_user_and_password(name, password)
            }
        };
        let options = options
            .name("jackfield")
            .connection_timeout(inner.connect_timeout)
            .ping_interval(PING)
            .ignore_discovered_servers()
            .retain_servers_order()
            // As few as there can be: instead of one that is lost, a new one is opened.
            .max_reconnects(addresses.len())
            .tls_client_config(tls::config(inner, server)?)
            .event_callback(move |event| {
                if let Some(told) = trouble_of(event) {
                    // Nobody may be waiting.
                    let _ = teller.send(told);
                }
                ready(())
            });
        let connected = thread::connect(options, addresses).await;
        let (client, thread) = connected.map_err(|error| refused(&error, server))?;
        Ok(Self {
            client,
            trouble,
            _thread: thread,
        })
    }

    /// Sends a message and waits for the answer, as long as the connection lasts.
    pub(super) async fn request(
        &self,
        server: &Server,
        message: Message,
    ) -> Result<Reply, EgressError> {
        let mut trouble = self.trouble.subscribe();
        if self.client.connection_state() != State::Connected {
            return Err(lost(server));
        }
        let subject = message.subject.clone();
        let request = async_nats::Request::new()
            .headers(headers(&message.id, &message.headers))
            .payload(message.body)
            .timeout(None);
        let answer = self.client.send_request(message.subject, request);
        tokio::pin!(answer);
        loop {
            tokio::select! {
                biased;
                answer = &mut answer => return match answer {
                    Ok(answer) => Ok(Reply::Answer(answer.payload)),
                    Err(error) => unanswered(&error, server, self.client.max_payload()),
                },
                told = trouble.recv() => match told {
                    Ok(Trouble::Lost) | Err(RecvError::Closed) => return Err(lost(server)),
                    Ok(Trouble::Denied(denied)) if denied == subject => {
                        return Err(denied_subject(server, &subject));
                    }
                    Ok(Trouble::Denied(_)) | Err(RecvError::Lagged(_)) => {}
                },
            }
        }
    }
}

/// An address in place of the name, so that nothing is looked up again.
fn literal(server: &Server, address: IpAddr) -> String {
    let scheme = if server.is_tls() { "tls" } else { "nats" };
    let port = server.port();
    match address {
        IpAddr::V4(address) => format!("{scheme}://{address}:{port}"),
        IpAddr::V6(address) => format!("{scheme}://[{address}]:{port}"),
    }
}

fn headers(id: &str, given: &HeaderMap) -> async_nats::HeaderMap {
    let mut headers = async_nats::HeaderMap::new();
    headers.insert(MESSAGE_ID, id);
    for (name, value) in given {
        if let Ok(value) = value.to_str() {
            headers.append(name.as_str(), value);
        }
    }
    headers
}

fn trouble_of(event: Event) -> Option<Trouble> {
    match event {
        Event::Disconnected | Event::Closed => Some(Trouble::Lost),
        Event::ServerError(ServerError::Other(text)) => {
            let subject = text.strip_prefix(DENIED)?;
            Some(Trouble::Denied(subject.trim_matches('"').to_owned()))
        }
        _ => None,
    }
}

fn unanswered(
    error: &RequestError,
    server: &Server,
    max_payload: usize,
) -> Result<Reply, EgressError> {
    let (code, message) = match error.kind() {
        RequestErrorKind::NoResponders => return Ok(Reply::Nobody),
        RequestErrorKind::MaxPayloadExceeded => (
            ErrorCode::TooLarge,
            format!("{server} takes messages of at most {max_payload} bytes, headers included"),
        ),
        RequestErrorKind::InvalidSubject => (
            ErrorCode::InvalidRequest,
            "the subject cannot be sent to".to_owned(),
        ),
        RequestErrorKind::TimedOut | RequestErrorKind::Other => return Err(lost(server)),
    };
    Err(EgressError::new(code, message))
}

fn lost(server: &Server) -> EgressError {
    EgressError::new(
        ErrorCode::Protocol,
        format!("the connection to {server} broke before an answer came"),
    )
}

fn denied_subject(server: &Server, subject: &str) -> EgressError {
    EgressError::new(
        ErrorCode::Unauthorized,
        format!("{server} does not let this client publish to {subject}"),
    )
}

fn refused(error: &ConnectError, server: &Server) -> EgressError {
    let cause = deepest(error);
    let (code, message) = match error.kind() {
        ConnectErrorKind::AuthorizationViolation | ConnectErrorKind::Authentication => (
            ErrorCode::Unauthorized,
            format!("{server} does not accept the credentials"),
        ),
        _ if is_tls(error) => (
            ErrorCode::Tls,
            format!("the connection to {server} could not be secured: {cause}"),
        ),
        _ => (
            ErrorCode::Connect,
            format!("no connection to {server}: {cause}"),
        ),
    };
    EgressError::new(code, message)
}

fn is_tls(error: &ConnectError) -> bool {
    let mut cause = error.source();
    while let Some(found) = cause {
        let found = crate::error::within(found);
        if found.is::<rustls::Error>() {
            return true;
        }
        cause = found.source();
    }
    error.kind() == ConnectErrorKind::Tls
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_says_to_nobody_is_understood() {
        let said = |text: &str| trouble_of(Event::ServerError(ServerError::Other(text.to_owned())));
        assert_eq!(
            said(r#"Permissions Violation for Publish to "orders.paid""#),
            Some(Trouble::Denied("orders.paid".to_owned()))
        );
        assert_eq!(said("Maximum Connections Exceeded"), None);
        assert_eq!(trouble_of(Event::Disconnected), Some(Trouble::Lost));
        assert_eq!(trouble_of(Event::Connected), None);
    }

    #[test]
    fn an_address_takes_the_place_of_the_name() {
        let server = Server::parse("tls://broker.example:4223").unwrap();
        let address = |text: &str| literal(&server, text.parse().unwrap());
        assert_eq!(address("192.0.2.1"), "tls://192.0.2.1:4223");
        assert_eq!(address("2001:db8::1"), "tls://[2001:db8::1]:4223");
    }
}
