use axum::extract::ws::{CloseFrame, Message};

/// Why the server closes a socket, with the codes that graphql-transport-ws gives and those of RFC 6455 §7.4.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Close {
    /// A message that the protocol does not know.
    BadMessage,
    /// An operation before the connection was accepted.
    NotInitialised,
    /// The token is missing or not accepted, or not any more.
    Forbidden(String),
    /// The client did not choose `graphql-transport-ws`.
    NoSubprotocol,
    /// No `connection_init` in time.
    InitTimeout,
    /// An operation under an id that is in use.
    DuplicateOperation(String),
    /// A second `connection_init`.
    SecondInit,
    /// The principal has as many sockets open as it may have.
    TooManySockets,
    /// The peer does not answer pings.
    Dead,
    /// The server goes away; clients connect again.
    Restart,
}

impl Close {
    fn code(&self) -> u16 {
        match self {
            Self::BadMessage => 4400,
            Self::NotInitialised => 4401,
            Self::Forbidden(_) => 4403,
            Self::NoSubprotocol => 4406,
            Self::InitTimeout => 4408,
            Self::DuplicateOperation(_) => 4409,
            Self::SecondInit => 4429,
            Self::TooManySockets => 1013,
            Self::Dead => 1001,
            Self::Restart => 1012,
        }
    }

    fn reason(&self) -> String {
        match self {
            Self::BadMessage => "Invalid message received".to_owned(),
            Self::NotInitialised => "Unauthorized".to_owned(),
            Self::Forbidden(why) => format!("Forbidden: {why}"),
            Self::NoSubprotocol => "Subprotocol not acceptable".to_owned(),
            Self::InitTimeout => "Connection initialisation timeout".to_owned(),
            Self::DuplicateOperation(id) => format!("Subscriber for {id} already exists"),
            Self::SecondInit => "Too many initialisation requests".to_owned(),
            Self::TooManySockets => {
                "This key or user has 1,000 sockets open; close some first".to_owned()
            }
            Self::Dead => "Ping timeout".to_owned(),
            Self::Restart => "Service restart".to_owned(),
        }
    }

    /// The frame that says so. A reason has at most 123 bytes (RFC 6455 §5.5).
    pub fn frame(&self) -> Message {
        let mut reason = self.reason();
        while reason.len() > 123 {
            reason.pop();
        }
        Message::Close(Some(CloseFrame {
            code: self.code(),
            reason: reason.into(),
        }))
    }
}
