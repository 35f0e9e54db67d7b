use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Ask the provider whether the credential in the slot `default` works: `{}` → [`CredentialTested`]. One that the provider
/// refuses is an error with the code [`CREDENTIAL`](crate::messages::code::CREDENTIAL). The call names the provider.
pub const CREDENTIAL_TEST: &str = "credential.test";

/// The result of `credential.test`: it works.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct CredentialTested {
    /// Whose account it is, as people know it, e.g. `Acme Ltd (test mode)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// An object with more that is worth showing, without secrets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Value>,
}
