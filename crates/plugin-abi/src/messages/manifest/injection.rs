use std::collections::BTreeMap;

use serde::de::Error;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// What the host does to a request that names a credential.
///
/// Strings are templates: `{field}` stands for that member of the credentials, an absent one for nothing. A header or query
/// parameter whose value names members of which none is there is left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(!remote))]
#[serde(
    remote = "Self",
    tag = "kind",
    rename_all = "snake_case",
    rename_all_fields = "camelCase"
)]
pub enum Injection {
    /// Sets a header.
    Header {
        /// Its name.
        name: String,
        /// Its value, e.g. `Bearer {token}`.
        value: String,
        /// Only if.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        when: Option<When>,
    },
    /// Appends a query parameter.
    Query {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
        /// Only if.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        when: Option<When>,
    },
    /// Sets `Authorization` to HTTP Basic, RFC 7617.
    Basic {
        /// The user.
        username: String,
        /// The password.
        password: String,
    },
    /// Fetches an access token with the client credentials grant, RFC 6749 section 4.4, keeps it while it is valid, and
    /// sets `Authorization: Bearer`.
    #[serde(rename = "oauth2_client_credentials")]
    OAuth2ClientCredentials {
        /// The token endpoint.
        token_url: String,
        /// The client.
        client_id: String,
        /// Its secret.
        client_secret: String,
        /// Scopes, separated by spaces; empty asks for the default.
        #[serde(default)]
        scope: String,
    },
    /// Sends an access token that a person has granted, by the authorization code grant (RFC 6749 section 4.1) with PKCE
    /// (RFC 7636), in `Authorization: Bearer`. The host leads the person there, keeps the tokens and refreshes them.
    #[serde(rename = "oauth2_authorization_code")]
    OAuth2AuthorizationCode {
        /// Where the person grants access.
        authorize_url: String,
        /// The token endpoint.
        token_url: String,
        /// Where a token is given back, RFC 7009.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        revoke_url: Option<String>,
        /// The client.
        client_id: String,
        /// Its secret.
        client_secret: String,
        /// Scopes, separated by spaces.
        #[serde(default)]
        scope: String,
        /// More parameters for `authorizeUrl`, e.g. `access_type`: `offline`.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        parameters: BTreeMap<String, String>,
        /// Parameters with which the person comes back that become settings of the app, e.g. `realmId`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        keep: Vec<String>,
        /// What the token that was granted is exchanged for before it is kept, one after the other.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        exchanges: Vec<TokenExchange>,
    },
    /// Fetches an access token for a service account with a signed assertion, RFC 7523 section 2.1 (RS256), keeps it while it is
    /// valid, and sets `Authorization: Bearer`.
    JwtBearer {
        /// The token endpoint, which is also the assertion's `aud`.
        token_url: String,
        /// The service account: `iss`.
        issuer: String,
        /// Its RSA key, PEM.
        private_key: String,
        /// The key's id: `kid`; none when empty.
        #[serde(default)]
        key_id: String,
        /// Scopes, separated by spaces.
        #[serde(default)]
        scope: String,
        /// The user on whose behalf: `sub`; none when empty.
        #[serde(default)]
        subject: String,
    },
    /// Sets a query parameter that proves that who sends an access token knows a secret as well: the HMAC-SHA256 of the token
    /// under the secret, in hex, such as Meta's `appsecret_proof`. The token is what the injections before it have put behind
    /// `Authorization: Bearer`. Left out where there is no token or no secret.
    TokenProof {
        /// The parameter's name.
        name: String,
        /// The secret, e.g. `{appSecret}`.
        key: String,
    },
    /// One that this side does not know, by name. A host refuses the plugin.
    #[serde(skip)]
    Unknown {
        /// Its name on the wire.
        kind: String,
    },
}

impl Injection {
    /// The kinds that this side knows, as the wire names them.
    pub const KINDS: [&str; 7] = [
        "header",
        "query",
        "basic",
        "oauth2_client_credentials",
        "oauth2_authorization_code",
        "jwt_bearer",
        "token_proof",
    ];

    /// Sets a header, always.
    pub fn header(name: &str, value: &str) -> Self {
        Self::Header {
            name: name.to_owned(),
            value: value.to_owned(),
            when: None,
        }
    }

    /// Appends a query parameter, always.
    pub fn query(name: &str, value: &str) -> Self {
        Self::Query {
            name: name.to_owned(),
            value: value.to_owned(),
            when: None,
        }
    }

    /// The same, only if `field` of the credentials is `equals`. Headers and query parameters know conditions.
    #[must_use]
    pub fn only_if(mut self, field: &str, equals: &str) -> Self {
        if let Self::Header { when, .. } | Self::Query { when, .. } = &mut self {
            *when = Some(When {
                field: field.to_owned(),
                equals: equals.to_owned(),
            });
        }
        self
    }
}

impl Serialize for Injection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Unknown { kind } => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("kind", kind)?;
                map.end()
            }
            known => Self::serialize(known, serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Injection {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        match value.get("kind").and_then(Value::as_str) {
            Some(kind) if !Self::KINDS.contains(&kind) => Ok(Self::Unknown { kind: kind.into() }),
            _ => Self::deserialize(value).map_err(Error::custom),
        }
    }
}

/// A GET whose answer has another token, as `access_token`, and may say in `expires_in` how many seconds it lasts. It carries the
/// token so far as requests of the app do: behind `Authorization: Bearer`, with what else the scheme puts on a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TokenExchange {
    /// Where: one of the provider's hosts.
    pub url: String,
    /// Query parameters, in whose values `{accessToken}` is the token so far.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub query: BTreeMap<String, String>,
}

/// A condition on the credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct When {
    /// The member to look at.
    pub field: String,
    /// What it has to be.
    pub equals: String,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(json: Value) -> Result<Injection, String> {
        serde_json::from_value(json).map_err(|error| error.to_string())
    }

    #[test]
    fn every_kind_that_is_listed_is_read_as_itself() {
        for kind in Injection::KINDS {
            let error = read(json!({"kind": kind})).unwrap_err();
            assert!(error.starts_with("missing field"), "{kind}: {error}");
        }
        let header = json!({"kind": "header", "name": "Authorization", "value": "Bearer {token}"});
        let read = read(header.clone()).unwrap();
        assert_eq!(read, Injection::header("Authorization", "Bearer {token}"));
        assert_eq!(serde_json::to_value(read).unwrap(), header);
    }

    #[test]
    fn a_kind_of_a_newer_plugin_is_kept_by_name() {
        let read = read(json!({"kind": "aws_sigv4", "region": "{region}"})).unwrap();
        assert_eq!(
            read,
            Injection::Unknown {
                kind: "aws_sigv4".into()
            }
        );
    }
}
