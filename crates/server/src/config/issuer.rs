use std::collections::BTreeMap;

use jackfield_storage::access::Role;
use serde::Deserialize;
use url::Url;

/// An identity provider whose JWTs are accepted.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerConfig {
    /// What the claim `iss` must equal.
    pub issuer: String,
    /// What the claim `aud` must contain.
    pub audience: String,
    /// Where the issuer publishes its keys (RFC 7517 §5).
    pub jwks_url: Url,
    /// The path of the claim that carries the role, with dots between members.
    #[serde(default = "default_role_claim")]
    pub role_claim: String,
    /// Which role a value of that claim stands for; when empty, the names of the roles themselves.
    #[serde(default)]
    pub roles: BTreeMap<String, Role>,
    /// The role of a token in which no value of the claim is known; refused without it.
    pub default_role: Option<Role>,
}

fn default_role_claim() -> String {
    "role".to_owned()
}
