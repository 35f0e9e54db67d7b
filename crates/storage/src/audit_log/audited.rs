//! What the audit log shows of each kind of thing. Sealed bytes and hashes are left out; a reader sees that they are other ones
//! now by a number or an instant that says so.

use serde_json::{Value, json};

use crate::{
    Json, api_key::ApiKey, connected_app::ConnectedApp, delivery::Delivery, event_type::EventType,
    inbound_hook::InboundHook, message_template::MessageTemplate, replay::Replay,
    resource::Resource, run::Run, signal::Signal, variable::Variable,
    webhook_endpoint::WebhookEndpoint, workflow::Workflow, workspace::Workspace,
};

/// Something whose changes are recorded.
pub trait Audited {
    /// What it is, as the log has it.
    const ENTITY: &'static str;

    /// Which it is.
    fn audit_id(&self) -> String;

    /// What may be seen of it, also by those who may not see its secrets.
    fn audit(&self) -> Value;
}

impl Audited for ApiKey {
    const ENTITY: &'static str = "apiKey";

    fn audit_id(&self) -> String {
        self.id.to_string()
    }

    fn audit(&self) -> Value {
        json!({
            "name": self.name, "integration": self.integration, "role": self.role, "scopes": self.scopes().list(),
            "prefix": self.prefix, "expiresAt": self.expires_at, "rotatedAt": self.rotated_at,
            "previousSecretUntil": self.previous_until, "revokedAt": self.revoked_at,
        })
    }
}

impl Audited for Workspace {
    const ENTITY: &'static str = "workspace";

    fn audit_id(&self) -> String {
        self.id.to_string()
    }

    fn audit(&self) -> Value {
        json!({
            "name": self.name, "schemaMismatch": self.schema_mismatch,
            "unknownEventTypes": self.unknown_event_types, "keepEventsDays": self.keep_events_days,
            "keepDeliveriesDays": self.keep_deliveries_days,
        })
    }
}

impl Audited for Workflow {
    const ENTITY: &'static str = "workflow";

    fn audit_id(&self) -> String {
        self.id.to_string()
    }

    /// The definition is told by the id of its version, which is kept.
    fn audit(&self) -> Value {
        json!({
            "name": self.name, "draftVersionId": self.draft_version_id,
            "publishedVersionId": self.published_version_id, "deletedAt": self.deleted_at,
        })
    }
}

impl Audited for Run {
    const ENTITY: &'static str = "run";

    fn audit_id(&self) -> String {
        self.id.to_string()
    }

    fn audit(&self) -> Value {
        json!({"workflowId": self.workflow_id, "status": self.status})
    }
}

/// What is asked of a run, without what was said to it, which is in the history of the run.
impl Audited for Signal {
    const ENTITY: &'static str = "run";

    fn audit_id(&self) -> String {
        self.run_id.to_string()
    }

    fn audit(&self) -> Value {
        json!({"asked": self.kind, "stepId": self.step_id})
    }
}

impl Audited for ConnectedApp {
    const ENTITY: &'static str = "connectedApp";

    fn audit_id(&self) -> String {
        self.id.to_string()
    }

    fn audit(&self) -> Value {
        json!({
            "provider": self.provider, "name": self.name, "active": self.active, "isDefault": self.is_default,
            "maskedCredential": self.masked, "settings": self.settings.value(),
            "rateRequests": self.rate_requests, "ratePerMicroseconds": self.rate_per, "rateBurst": self.rate_burst,
        })
    }
}

impl Audited for Resource {
    const ENTITY: &'static str = "resource";

    fn audit_id(&self) -> String {
        self.id.to_string()
    }

    fn audit(&self) -> Value {
        json!({
            "connectedAppId": self.app_id, "resourceType": self.resource_type, "value": self.value,
            "label": self.label, "isDefault": self.is_default, "status": self.status,
        })
    }
}

impl Audited for Variable {
    const ENTITY: &'static str = "variable";

    fn audit_id(&self) -> String {
        self.id.to_string()
    }

    fn audit(&self) -> Value {
        json!({"name": self.name, "value": self.value.value(), "description": self.description, "version": self.version})
    }
}

impl Audited for MessageTemplate {
    const ENTITY: &'static str = "messageTemplate";

    fn audit_id(&self) -> String {
        self.id.to_string()
    }

    fn audit(&self) -> Value {
        json!({
            "name": self.name, "channel": self.channel, "subject": self.subject, "htmlBody": self.html_body,
            "textBody": self.text_body, "senderId": self.sender_id, "description": self.description,
        })
    }
}

impl Audited for InboundHook {
    const ENTITY: &'static str = "inboundHook";

    fn audit_id(&self) -> String {
        self.id.to_string()
    }

    /// The token is the address, and who knows it may send: only that it is another one is told.
    fn audit(&self) -> Value {
        json!({
            "workflowId": self.workflow_id, "nodeKey": self.node_key, "connectedAppId": self.connected_app_id,
            "config": self.config.value(), "active": self.active, "hasSecret": self.sealed_secret.is_some(),
            "previousTokenUntil": self.previous_token_until, "revision": self.revision,
        })
    }
}

impl Audited for EventType {
    const ENTITY: &'static str = "eventType";

    fn audit_id(&self) -> String {
        self.id.to_string()
    }

    fn audit(&self) -> Value {
        json!({
            "name": self.name, "category": self.category, "description": self.description,
            "version": self.version, "schema": self.schema.as_ref().map(Json::value),
            "example": self.example.as_ref().map(Json::value), "archivedAt": self.archived_at,
        })
    }
}

impl Audited for WebhookEndpoint {
    const ENTITY: &'static str = "webhookEndpoint";

    fn audit_id(&self) -> String {
        self.id.to_string()
    }

    fn audit(&self) -> Value {
        json!({
            "name": self.name, "url": self.url, "description": self.description, "active": self.active,
            "eventTypes": self.event_types.value(), "channels": self.channels.names(),
            "headerNames": self.header_names.value(),
            "authentication": self.authentication.as_ref().map(Json::value),
            "algorithm": self.algorithm, "headerStyle": self.header_style, "rateLimit": self.rate_limit,
            "timeoutMs": self.timeout_ms, "ordering": self.ordering, "orderingPath": self.ordering_path,
            "filter": self.filter, "transformation": self.transformation.as_ref().map(Json::value),
            "disabledReason": self.disabled_reason, "deletedAt": self.deleted_at,
        })
    }
}

impl Audited for Delivery {
    const ENTITY: &'static str = "delivery";

    fn audit_id(&self) -> String {
        self.id.to_string()
    }

    fn audit(&self) -> Value {
        json!({
            "eventId": self.event_id, "webhookEndpointId": self.endpoint_id, "status": self.status,
            "attempts": self.attempts,
        })
    }
}

impl Audited for Replay {
    const ENTITY: &'static str = "replay";

    fn audit_id(&self) -> String {
        self.id.to_string()
    }

    fn audit(&self) -> Value {
        json!({
            "webhookEndpointId": self.endpoint_id, "status": self.status, "scope": self.scope,
            "eventTypes": self.event_types.value(), "since": self.since, "until": self.until, "total": self.total,
        })
    }
}
