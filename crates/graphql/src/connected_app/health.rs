use async_graphql::SimpleObject;
use jackfield_storage::connected_app;

use crate::scalars::DateTime;

/// What came of asking a provider whether it takes the credentials of an app.
#[derive(SimpleObject)]
pub struct HealthCheck {
    /// When it was asked.
    at: DateTime,
    /// Whether it takes them.
    ok: bool,
    /// What it said: whose account it is, or what is wrong. Null when it said nothing.
    message: Option<String>,
}

impl HealthCheck {
    /// The last one of an app.
    pub fn of(app: &connected_app::ConnectedApp) -> Option<Self> {
        Some(Self {
            at: app.checked_at?.into(),
            ok: app.check_ok?,
            message: app.check_message.clone(),
        })
    }
}
