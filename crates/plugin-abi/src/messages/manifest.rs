use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What `describe` writes: everything the host needs to know about a plugin before it calls it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// The plugin's name: lower case letters, digits and hyphens.
    pub name: String,
    /// Its own version, SemVer.
    pub version: String,
    /// One or two sentences.
    #[serde(default)]
    pub description: String,
    /// The node types that it brings.
    #[serde(default)]
    pub nodes: Vec<NodeManifest>,
    /// The providers whose credentials it uses.
    #[serde(default)]
    pub providers: Vec<ProviderManifest>,
    /// Features without which it cannot work; see [`feature`](super::feature).
    #[serde(default)]
    pub requires: Vec<String>,
}

/// A node type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeManifest {
    /// What definitions call it: lower case letters, digits and hyphens, unique on a host.
    #[serde(rename = "type")]
    pub node_type: String,
    /// What people call it.
    pub name: String,
    /// What it does, in a sentence or two.
    #[serde(default)]
    pub description: String,
    /// Where an editor lists it, e.g. `integration`.
    pub category: String,
    /// The name of an icon, e.g. `globe`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// The provider whose connected app fills the slot `default`; none when the node has no use for credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Whether the node cannot work without a connected app of `provider`.
    #[serde(default)]
    pub provider_required: bool,
    /// Where data comes in.
    pub inputs: Vec<Port>,
    /// Where it leaves.
    pub outputs: Vec<Port>,
    /// JSON Schema (2020-12) of the config, with editor hints in `x-jackfield` members.
    pub config_schema: Value,
    /// JSON Schema of what leaves through `data-out`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_schema: Option<Value>,
}

/// Where an edge begins or ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Port {
    /// What edges call it.
    pub name: String,
    /// What passes through it.
    #[serde(default)]
    pub description: String,
}

/// The ports that most nodes have.
pub mod port {
    /// The input port.
    pub const DATA_IN: &str = "data-in";
    /// The output port for what a node is for.
    pub const DATA_OUT: &str = "data-out";
    /// The output port for what went wrong.
    pub const ERROR: &str = "error";
}

/// Somebody whose API needs credentials.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProviderManifest {
    /// What connected apps call it: lower case letters, digits and hyphens, unique on a host.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// What it is, in a sentence or two.
    #[serde(default)]
    pub description: String,
    /// The hosts that its credentials may be sent to: `api.stripe.com`, `*.api.mailchimp.com`, or `*` for any.
    pub hosts: Vec<String>,
    /// The ways to authenticate, of which a connected app uses one.
    pub schemes: Vec<SchemeManifest>,
}

/// A way to authenticate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SchemeManifest {
    /// The value of `scheme` in the credentials. A provider with one scheme may omit it there.
    pub scheme: String,
    /// What people call it.
    pub title: String,
    /// JSON Schema (2020-12) of the credentials without `scheme`. Secrets have `"writeOnly": true`.
    pub schema: Value,
    /// What the host does to a request that names the credential; all that apply, in order.
    pub injection: Vec<Injection>,
}

/// What the host does to a request that names a credential.
///
/// Strings are templates: `{field}` stands for that member of the credentials, an absent one for nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
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
}

impl Injection {
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

/// A condition on the credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct When {
    /// The member to look at.
    pub field: String,
    /// What it has to be.
    pub equals: String,
}
