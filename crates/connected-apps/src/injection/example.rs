//! What the tests of this crate share: the generic provider as its plugin describes it, and a request.

use http::{HeaderMap, Method};
use jackfield_egress::Outgoing;
use jackfield_plugin_host::messages::ProviderManifest;

use crate::credentials::Credentials;

/// The provider `http`.
pub(crate) fn http() -> ProviderManifest {
    serde_json::from_str(include_str!("../../tests/support/http.json")).unwrap()
}

/// Credentials of the provider `http`.
pub(crate) fn credentials(json: &str) -> Credentials {
    let given = serde_json::from_str(json).unwrap();
    crate::credentials::check(&http(), given)
        .map_err(|problems| problems.len())
        .unwrap()
        .0
}

/// `GET url`.
pub(crate) fn hop(url: &str) -> Outgoing {
    Outgoing {
        method: Method::GET,
        url: url.parse().unwrap(),
        headers: HeaderMap::new(),
        body: bytes::Bytes::new(),
    }
}
