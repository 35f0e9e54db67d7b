use std::net::IpAddr;

use axum::http::HeaderMap;
use ipnet::IpNet;

/// The address that a request came from. What `X-Forwarded-For` says is believed as far as trusted proxies have written it: from
/// its end the first address that is none of theirs. Everything before that anybody can make up.
pub fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut from = peer.to_canonical();
    if !is_trusted(&from) {
        return from;
    }
    let lines = headers.get_all("x-forwarded-for").iter().rev();
    let hops = lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(','));
    for hop in hops {
        let Ok(address) = hop.trim().parse::<IpAddr>() else {
            return from;
        };
        from = address.to_canonical();
        if !is_trusted(&from) {
            return from;
        }
    }
    from
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn seen(peer: &str, forwarded: &[&'static str]) -> String {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_static(line));
        }
        client_address(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn a_stranger_cannot_say_where_he_comes_from() {
        assert_eq!(seen("203.0.113.9", &["192.0.2.1"]), "203.0.113.9");
    }

    #[test]
    fn a_trusted_proxy_says_where_a_request_comes_from() {
        assert_eq!(seen("10.1.2.3", &["192.0.2.1"]), "192.0.2.1");
        assert_eq!(seen("::ffff:10.1.2.3", &["192.0.2.1"]), "192.0.2.1");
        assert_eq!(seen("10.1.2.3", &[]), "10.1.2.3");
    }

    #[test]
    fn only_what_trusted_proxies_have_written_counts() {
        assert_eq!(
            seen("10.1.2.3", &["198.51.100.7, 192.0.2.1, 10.9.9.9"]),
            "192.0.2.1"
        );
        assert_eq!(
            seen("10.1.2.3", &["198.51.100.7", "192.0.2.1", "10.9.9.9"]),
            "192.0.2.1"
        );
        assert_eq!(seen("10.1.2.3", &["192.0.2.1, unknown"]), "10.1.2.3");
    }
}
