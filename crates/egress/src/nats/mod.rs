//! Messages to NATS servers, each of which is answered.
//!
//! There is one connection for each server and each credential, however many send over it. It is opened when it is first
//! needed and closed when nothing was sent for a while. The client library gets addresses that were checked and never a name,
//! and what servers it is told of by the other side it does not follow; TLS checks the certificate for the name all the same.
//! A connection on which something went wrong is left to those who still wait on it, and the next message opens a new one,
//! so that the name is looked up and checked again.

mod connection;
mod pool;
mod server;
mod thread;
mod tls;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;

use crate::error::{EgressError, ErrorCode};
use crate::send::Egress;

pub(crate) use pool::Pool;
pub use server::Server;

/// Who a connection is opened as.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub enum Credentials {
    /// Nobody in particular.
    #[default]
    None,
    /// The holder of a token.
    Token(String),
    /// A user with a password.
    User {
        /// The user's name.
        name: String,
        /// The password.
        password: String,
    },
}

/// Names the kind and nothing that is secret.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Token(_) => "Token",
            Self::User { .. } => "User",
        })
    }
}

/// A message that the other side answers.
#[derive(Clone, Debug)]
pub struct Message {
    /// The subject, without white space and wildcards.
    pub subject: String,
    /// By which JetStream recognises what it has already (`Nats-Msg-Id`).
    pub id: String,
    /// The other headers, whose names are sent in lower case. What is no text is left out.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The body of the first answer.
    Answer(Bytes),
    /// The server knows of nobody who would answer on this subject, such as a stream.
    Nobody,
}

impl Egress {
    /// Checks where a server is, when it is about to be saved; a name that does not resolve yet is let pass. Returns whether it
    /// leads nowhere but to ranges that the operator has allowed.
    ///
    /// # Errors
    /// `FORBIDDEN_ADDRESS`, with a sentence for whoever typed the name.
    pub async fn check_nats(&self, server: &Server) -> Result<bool, EgressError> {
        self.inner.leads_to_allowed(server.host()).await
    }

    /// Sends a message and waits for the answer for at most `patience`, connecting included.
    ///
    /// # Errors
    /// See [`ErrorCode`]. The message may have arrived after `TIMEOUT` and `PROTOCOL`.
    pub async fn nats(
        &self,
        server: &Server,
        credentials: &Credentials,
        message: Message,
        patience: Duration,
    ) -> Result<Reply, EgressError> {
        let pool = &self.inner.nats;
        let slot = pool.slot(server, credentials);
        let exchange = async {
            let connection = slot.connection(&self.inner, server, credentials).await?;
            connection.request(server, message).await
        };
        let done = match tokio::time::timeout(patience, exchange).await {
            Ok(done) => done,
            Err(_) => Err(EgressError::new(
                ErrorCode::Timeout,
                format!("{server} did not answer within {} ms", patience.as_millis()),
            )),
        };
        if let Err(error) = &done
            && (!slot.is_open() || matches!(error.code(), ErrorCode::Timeout | ErrorCode::Protocol))
        {
            pool.retire(server, credentials, &slot);
        }
        done
    }
}
