//! An event for each change of an app's status, in the form of other operational events.
//!
//! It is stored before the status itself, under a key that is the same when a crash has it told again. So a crash loses none.

use jackfield_storage::{
    Append, Channels, Json, NewEvent,
    access::{Permit, PublishEvents},
    connected_app::{AppCondition, AppStatus, ConnectedApp},
    event::SOURCE_OPERATIONAL,
};
use serde_json::json;

use super::{ConnectedApps, PART};

/// The types of these events.
pub const STATUS_EVENTS: [&str; 4] = [
    "connected_app.connected",
    "connected_app.error",
    "connected_app.needs_reauth",
    "connected_app.inactive",
];

impl ConnectedApps {
    /// Tells of the status that an app is about to have, if it is another one.
    pub(super) async fn tell_new_status(
        &self,
        before: &ConnectedApp,
        active: bool,
        condition: AppCondition,
    ) {
        let after = ConnectedApp {
            active,
            condition,
            check_message: None,
            ..before.clone()
        };
        self.tell(before, &after).await;
    }

    /// The same, with the message of the app as it will be.
    pub(super) async fn tell(&self, before: &ConnectedApp, after: &ConnectedApp) {
        let (was, is) = (before.status(), after.status());
        if was == is {
            return;
        }
        let event_type = event_type(is);
        let clock = self.store.clock();
        let data = json!({
            "connectedAppId": after.id,
            "name": after.name,
            "provider": after.provider,
            "status": is,
            "previousStatus": was,
            "message": after.check_message.as_ref().filter(|_| is != AppStatus::Inactive),
        });
        let event = NewEvent {
            id: clock.id(),
            event_type: event_type.to_owned(),
            source: SOURCE_OPERATIONAL.to_owned(),
            data: Json::from(data),
            hook_id: None,
            app_id: None,
            request: None,
            dedupe_key: Some(format!("{event_type}:{}:{}", before.id, before.revision)),
            occurred_at: clock.now(),
            content_type: None,
            dedupe_hash: None,
            channels: Channels::default(),
        };
        let permit = Permit::<PublishEvents>::system(before.workspace_id, PART);
        let runs = Vec::new();
        let told = self.store.writer().append(&permit, Append { event, runs });
        if let Err(error) = told.await {
            tracing::error!(%error, event_type, "an operational event could not be stored");
        }
    }
}

fn event_type(status: AppStatus) -> &'static str {
    let [connected, error, needs_reauth, inactive] = STATUS_EVENTS;
    match status {
        AppStatus::Connected => connected,
        AppStatus::Error => error,
        AppStatus::NeedsReauth => needs_reauth,
        AppStatus::Inactive => inactive,
    }
}
