//! What the tests of this crate share: the generic provider as its plugin describes it, and a request.

use http::{HeaderMap, Method};
use jackfield_egress::Outgoing;
use jackfield_plugin_host::messages::ProviderManifest;

use crate::credentials::Credentials;

/// The provider `http`.
pub(crate) fn http() -> ProviderManifest {
    serde_json::from_str(
        r#"{
            "name": "http", "title": "HTTP", "hosts": ["*"],
            "schemes": [
                {"scheme": "bearer", "title": "Bearer token",
                 "schema": {"type": "object", "additionalProperties": false, "required": ["token"],
                            "properties": {"token": {"type": "string", "minLength": 1, "writeOnly": true}}},
                 "injection": [{"kind": "header", "name": "Authorization", "value": "Bearer {token}"}]},
                {"scheme": "api_key", "title": "API key",
                 "schema": {"type": "object", "additionalProperties": false, "required": ["name", "value", "in"],
                            "properties": {"name": {"type": "string"}, "value": {"type": "string", "writeOnly": true},
                                           "in": {"enum": ["header", "query"]}}},
                 "injection": [
                    {"kind": "header", "name": "{name}", "value": "{value}", "when": {"field": "in", "equals": "header"}},
                    {"kind": "query", "name": "{name}", "value": "{value}", "when": {"field": "in", "equals": "query"}}]},
                {"scheme": "basic", "title": "User and password",
                 "schema": {"type": "object", "additionalProperties": false, "required": ["username", "password"],
                            "properties": {"username": {"type": "string"},
                                           "password": {"type": "string", "writeOnly": true}}},
                 "injection": [{"kind": "basic", "username": "{username}", "password": "{password}"}]},
                {"scheme": "oauth2_client_credentials", "title": "OAuth 2.0 client credentials",
                 "schema": {"type": "object", "additionalProperties": false,
                            "required": ["tokenUrl", "clientId", "clientSecret"],
                            "properties": {"tokenUrl": {"type": "string"}, "clientId": {"type": "string"},
                                           "clientSecret": {"type": "string", "writeOnly": true},
                                           "scope": {"type": "string"}}},
                 "injection": [{"kind": "oauth2_client_credentials", "tokenUrl": "{tokenUrl}", "clientId": "{clientId}",
                                "clientSecret": "{clientSecret}", "scope": "{scope}"}]}
            ]
        }"#,
    )
    .unwrap()
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
