//! The sealed values of all tables, for the one who seals them anew under another master key.

mod find;
mod replace;

pub use find::find;
pub use replace::replace;

/// A column with sealed values.
#[derive(Debug, PartialEq, Eq)]
pub struct Place {
    table: &'static str,
    /// The column with the id of the row.
    key: &'static str,
    column: &'static str,
    /// The prefix of those ids.
    prefix: &'static str,
    /// What tells the value from others of its row; none where it is the only one.
    pub part: Option<&'static str>,
}

/// Every column with sealed values. Whoever adds one adds it here, or a retired master key takes its values with it.
static PLACES: [Place; 6] = [
    Place::new("connected_apps", "sealed", "app_", None),
    Place::new("app_grants", "sealed", "app_", Some("grant")).keyed_by("app_id"),
    Place::new("inbound_hooks", "sealed_secret", "hook_", None),
    Place::new("webhook_endpoints", "sealed", "wh_", None),
    Place::new(
        "webhook_endpoints",
        "sealed_headers",
        "wh_",
        Some("headers"),
    ),
    Place::new(
        "webhook_endpoints",
        "sealed_authentication",
        "wh_",
        Some("authentication"),
    ),
];

/// A sealed value where it is stored.
#[derive(Debug)]
pub struct SealedValue {
    /// Its column.
    pub place: &'static Place,
    /// The id of its row, as people see it.
    pub id: String,
    /// What is stored.
    pub blob: Vec<u8>,
    key: uuid::Uuid,
}

impl Place {
    const fn new(
        table: &'static str,
        column: &'static str,
        prefix: &'static str,
        part: Option<&'static str>,
    ) -> Self {
        Self {
            table,
            key: "id",
            column,
            prefix,
            part,
        }
    }

    const fn keyed_by(self, key: &'static str) -> Self {
        Self { key, ..self }
    }
}
