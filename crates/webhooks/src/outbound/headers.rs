//! The headers that its owner has chosen for an endpoint: their values are sealed at rest and never shown again.

use std::collections::BTreeMap;

use jackfield_connected_apps::{SealError, Sealer, Secret, Subject};
use jackfield_storage::webhook_endpoint::WebhookEndpoint;
use zeroize::Zeroizing;

/// Names, as they were spelled, and values.
#[derive(Default)]
pub(super) struct CustomHeaders(BTreeMap<String, Secret>);

impl CustomHeaders {
    /// Those of an endpoint.
    pub fn open(sealer: &Sealer, row: &WebhookEndpoint) -> Result<Self, SealError> {
        let Some(sealed) = &row.sealed_headers else {
            return Ok(Self::default());
        };
        let plain = sealer.open(&subject(row), sealed)?;
        let headers = serde_json::from_slice(&plain).map_err(|_| SealError::Damaged)?;
        Ok(Self(headers))
    }

    /// Puts them into their endpoint's row, the values sealed.
    pub fn put_into(&self, row: &mut WebhookEndpoint, sealer: &Sealer) -> Result<(), SealError> {
        let names: Vec<&str> = self.0.keys().map(String::as_str).collect();
        let pairs = self.iter().map(|(name, value)| (name, value.expose()));
        let pairs: BTreeMap<_, _> = pairs.collect();
        let plain = serde_json::to_vec(&pairs).map_err(|_| SealError::NotSealed)?;
        let plain = Zeroizing::new(plain);
        row.sealed_headers = match pairs.is_empty() {
            true => None,
            false => Some(sealer.seal(&subject(row), &plain)?),
        };
        row.header_names = serde_json::Value::from(names).into();
        Ok(())
    }

    /// The value of one, whatever the spelling of its name.
    pub fn get(&self, name: &str) -> Option<&Secret> {
        let mut all = self.iter();
        let found = all.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value)
    }

    pub fn insert(&mut self, name: String, value: Secret) {
        self.0.insert(name, value);
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Secret)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

fn subject(row: &WebhookEndpoint) -> Subject {
    Subject::part(row.workspace_id, row.id, "headers")
}
