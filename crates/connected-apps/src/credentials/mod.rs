//! What an app is reached with: the members that the provider's scheme asks for, each of them a [`Secret`].

mod check;

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::secret::Secret;

pub use check::{check, scheme};

/// Credentials that match the schema of one of their provider's schemes.
///
/// Like [`Secret`] they cannot be shown; [`Credentials::to_sealed_form`] is for the sealer only.
#[derive(Clone)]
pub struct Credentials {
    scheme: String,
    fields: BTreeMap<String, Secret>,
}

impl Credentials {
    /// The member `name`, if it was given.
    pub fn field(&self, name: &str) -> Option<&Secret> {
        self.fields.get(name)
    }

    /// The same with another member.
    pub(crate) fn with(mut self, name: &str, value: Secret) -> Self {
        self.fields.insert(name.to_owned(), value);
        self
    }

    /// The bytes to be sealed, zeroed when dropped.
    pub(crate) fn to_sealed_form(&self) -> Zeroizing<Vec<u8>> {
        let fields: BTreeMap<_, _> = self
            .fields
            .iter()
            .map(|(name, secret)| (name, secret.expose()))
            .collect();
        let whole = serde_json::json!({ "scheme": self.scheme, "fields": fields });
        Zeroizing::new(whole.to_string().into_bytes())
    }

    /// The credentials that [`Credentials::to_sealed_form`] wrote.
    pub(crate) fn from_sealed_form(bytes: &[u8]) -> Option<Self> {
        #[derive(serde::Deserialize)]
        struct Form {
            scheme: String,
            fields: BTreeMap<String, Secret>,
        }
        let Form { scheme, fields } = serde_json::from_slice(bytes).ok()?;
        Some(Self { scheme, fields })
    }

    /// Takes each member as text: a string as it is, anything else as its JSON.
    fn of(scheme: &str, members: Map<String, Value>) -> Self {
        let text = |value| match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        let given = members.into_iter().filter(|(_, value)| !value.is_null());
        Self {
            scheme: scheme.to_owned(),
            fields: given
                .map(|(name, value)| (name, Secret::new(text(value))))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_survive_the_sealed_form() {
        let members = Map::from_iter([
            ("token".to_owned(), "sk_1".into()),
            ("port".to_owned(), 1.into()),
        ]);
        let bytes = Credentials::of("bearer", members).to_sealed_form();
        let credentials = Credentials::from_sealed_form(&bytes).unwrap();

        assert_eq!(credentials.scheme, "bearer");
        assert_eq!(credentials.field("token").unwrap().expose(), "sk_1");
        assert_eq!(credentials.field("port").unwrap().expose(), "1");
        assert!(credentials.field("other").is_none());
    }
}
