use std::fmt;

use url::{Host, Url};

use crate::error::{EgressError, ErrorCode};

/// The port of a URL that names none.
const PORT: u16 = 4222;

/// Where a NATS server is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Server {
    tls: bool,
    host: Host<String>,
    port: u16,
}

impl Server {
    /// Reads `nats://host[:4222]` or `tls://host[:4222]`, with nothing behind it.
    ///
    /// # Errors
    /// `INVALID_URL`, with a sentence for whoever typed it.
    pub fn parse(text: &str) -> Result<Self, EgressError> {
        let url = Url::parse(text).map_err(|error| invalid(error.to_string()))?;
        let tls = match url.scheme() {
            "nats" => false,
            "tls" => true,
            _ => return Err(invalid("it must begin with nats:// or tls://")),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(invalid(
                "it carries a user name or password, which everybody who sees it could read",
            ));
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(invalid("there is something behind the host and port"));
        }
        // Of other schemes than those of the web, `Url` leaves the host as it was typed: `0x7f.1` would stay a name.
        let host = Host::parse(url.host_str().unwrap_or_default());
        Ok(Self {
            tls,
            host: host.map_err(|error| invalid(error.to_string()))?,
            port: url.port().unwrap_or(PORT),
        })
    }

    /// Whether the connection must be encrypted. Without it is encrypted if the server asks for it.
    pub fn is_tls(&self) -> bool {
        self.tls
    }

    pub(crate) fn host(&self) -> Host<&str> {
        match &self.host {
            Host::Domain(name) => Host::Domain(name),
            Host::Ipv4(ip) => Host::Ipv4(*ip),
            Host::Ipv6(ip) => Host::Ipv6(*ip),
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }
}

/// The URL, without the usual port.
impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "tls" } else { "nats" };
        write!(f, "{scheme}://{}", self.host)?;
        match self.port {
            PORT => Ok(()),
            port => write!(f, ":{port}"),
        }
    }
}

fn invalid(why: impl fmt::Display) -> EgressError {
    EgressError::new(
        ErrorCode::InvalidUrl,
        format!("this is no URL of a NATS server: {why}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        match Server::parse(text) {
            Ok(server) => server.to_string(),
            Err(error) => format!("{}: {error}", error.code()),
        }
    }

    #[test]
    fn every_spelling_of_a_host_means_the_same_server() {
        assert_eq!(read("nats://Broker.Example:4222"), "nats://broker.example");
        assert_eq!(
            read("tls://broker.example:4223/"),
            "tls://broker.example:4223"
        );
        assert_eq!(read("nats://0x7f.1"), "nats://127.0.0.1");
        assert_eq!(read("nats://2130706433"), "nats://127.0.0.1");
        assert_eq!(
            read("nats://[::FFFF:127.0.0.1]:1"),
            "nats://[::ffff:7f00:1]:1"
        );
    }

    #[test]
    fn what_is_no_server_is_refused_without_telling_secrets() {
        insta::assert_snapshot!(read("nats://me:hush@broker.example"), @"INVALID_URL: this is no URL of a NATS server: it carries a user name or password, which everybody who sees it could read");
        insta::assert_snapshot!(read("ws://broker.example"), @"INVALID_URL: this is no URL of a NATS server: it must begin with nats:// or tls://");
        insta::assert_snapshot!(read("nats://"), @"INVALID_URL: this is no URL of a NATS server: empty host");
        insta::assert_snapshot!(read("nats://a b"), @"INVALID_URL: this is no URL of a NATS server: invalid domain character");
        insta::assert_snapshot!(read("nats://broker.example/orders"), @"INVALID_URL: this is no URL of a NATS server: there is something behind the host and port");
    }
}
