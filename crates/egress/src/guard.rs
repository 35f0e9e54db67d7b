use std::net::IpAddr;

use ipnet::IpNet;
use url::{Host, Url};

use crate::address;
use crate::error::{EgressError, ErrorCode, shown};

/// Decides which URLs and addresses may be reached.
#[derive(Debug)]
pub(crate) struct Guard {
    allow: Vec<IpNet>,
}

impl Guard {
    pub(crate) fn new(allow: Vec<IpNet>) -> Self {
        Self { allow }
    }

    /// Checks what a URL alone can tell: scheme, host, user name, and the address when the host is one. `Url` has
    /// already turned odd spellings (`0x7f.1`, `2130706433`, `127.1`, full-width digits) into the address they mean.
    pub(crate) fn check_url(&self, url: &Url) -> Result<(), EgressError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(EgressError::new(
                ErrorCode::InvalidUrl,
                format!(
                    "a URL must start with http:// or https://, not {}:",
                    url.scheme()
                ),
            ));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EgressError::new(
                ErrorCode::InvalidUrl,
                format!(
                    "the URL of {} carries a user name or password; put them into a connected app",
                    shown(url)
                ),
            ));
        }
        let host = url.host();
        let host =
            host.ok_or_else(|| EgressError::new(ErrorCode::InvalidUrl, "the URL has no host"))?;
        self.check_host(&host)
    }

    /// Checks what a host alone can tell: its address when it is one, or that its name is this machine's.
    pub(crate) fn check_host(&self, host: &Host<&str>) -> Result<(), EgressError> {
        match host {
            Host::Ipv4(ip) => self.check_literal(IpAddr::V4(*ip)),
            Host::Ipv6(ip) => self.check_literal(IpAddr::V6(*ip)),
            Host::Domain(name) => self.check_name(name),
        }
    }

    /// Whether an address may be dialled, or why not.
    pub(crate) fn check_address(&self, address: IpAddr) -> Result<(), &'static str> {
        match address::special(address) {
            Some(reason) if !address::allowed(address, &self.allow) => Err(reason),
            _ => Ok(()),
        }
    }

    /// Whether an address lies in a range that the operator has allowed.
    pub(crate) fn is_allowed(&self, address: IpAddr) -> bool {
        address::allowed(address, &self.allow)
    }

    fn check_literal(&self, address: IpAddr) -> Result<(), EgressError> {
        self.check_address(address)
            .map_err(|reason| forbidden(&address.to_string(), reason))
    }

    /// `localhost` and what is below it always means this machine (RFC 6761 §6.3), whatever a resolver says.
    fn check_name(&self, name: &str) -> Result<(), EgressError> {
        let name = name.strip_suffix('.').unwrap_or(name);
        if name != "localhost" && !name.ends_with(".localhost") {
            return Ok(());
        }
        let loopback = [
            IpAddr::from([127, 0, 0, 1]),
            IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]),
        ];
        if loopback.iter().any(|ip| self.check_address(*ip).is_ok()) {
            return Ok(());
        }
        Err(forbidden(name, "loopback"))
    }
}

/// The error for a host at an address that is not public.
pub(crate) fn forbidden(host: &str, reason: &str) -> EgressError {
    EgressError::new(
        ErrorCode::ForbiddenAddress,
        format!(
            "{host} is not a public address ({reason}); an operator can allow its range with JACKFIELD_EGRESS_ALLOW"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(guard: &Guard, url: &str) -> String {
        match guard.check_url(&Url::parse(url).unwrap()) {
            Ok(()) => "ok".into(),
            Err(error) => format!("{}: {error}", error.code()),
        }
    }

    #[test]
    fn odd_spellings_of_loopback_are_loopback() {
        let guard = Guard::new(vec![]);
        for url in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f.0.0.1/",
            "http://0x7f000001/",
            "http://017700000001/",
            "http://127.0.0.1./",
            "http://１２７.0.0.1/",
            "http://127。0。0。1/",
            "http://%31%32%37.0.0.1/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:7f00:1]/",
            "http://[0:0:0:0:0:ffff:127.0.0.1]/",
            "http://0/",
            "http://localhost/",
            "http://LOCALHOST./",
            "http://db.localhost:5432/",
        ] {
            let verdict = verdict(&guard, url);
            assert!(verdict.starts_with("FORBIDDEN_ADDRESS"), "{url}: {verdict}");
        }
    }

    #[test]
    fn an_allowed_range_opens_its_literals_and_localhost() {
        let guard = Guard::new(vec!["127.0.0.0/8".parse().unwrap()]);
        assert_eq!(verdict(&guard, "http://127.0.0.1:8080/x"), "ok");
        assert_eq!(verdict(&guard, "http://localhost:8080/x"), "ok");
        assert_ne!(verdict(&guard, "http://10.0.0.1/x"), "ok");
    }

    #[test]
    fn messages_name_host_and_remedy_and_no_secret() {
        let guard = Guard::new(vec![]);
        insta::assert_snapshot!(verdict(&guard, "http://10.0.0.5:81/x?key=hush"), @"FORBIDDEN_ADDRESS: 10.0.0.5 is not a public address (private); an operator can allow its range with JACKFIELD_EGRESS_ALLOW");
        insta::assert_snapshot!(verdict(&guard, "https://me:hush@example.com/?key=hush"), @"INVALID_URL: the URL of https://example.com carries a user name or password; put them into a connected app");
        insta::assert_snapshot!(verdict(&guard, "ftp://example.com/"), @"INVALID_URL: a URL must start with http:// or https://, not ftp:");
        insta::assert_snapshot!(verdict(&guard, "file:///etc/passwd"), @"INVALID_URL: a URL must start with http:// or https://, not file:");
        insta::assert_snapshot!(verdict(&guard, "https://example.com/x"), @"ok");
    }
}
