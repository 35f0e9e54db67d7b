//! The trigger `quickbooks-event`: what has changed in a company, as both formats of QuickBooks' webhooks tell it.
//! <https://developer.intuit.com/app/developer/qbo/docs/develop/webhooks>

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{
    Event, InboundRequest, OptionChoice, OptionSource, Options, OptionsQuery, Reception, Webhook,
};

use crate::api::company;

/// What QuickBooks can tell of; those that most workflows wait for. Others are named in the same way.
pub(crate) const EVENT_TYPES: &[(&str, &str)] = &[
    ("invoice.created", "There is a new invoice."),
    (
        "invoice.updated",
        "An invoice has changed, such as when it was paid.",
    ),
    ("invoice.emailed", "An invoice was sent by e-mail."),
    ("invoice.voided", "An invoice is void."),
    ("invoice.deleted", "An invoice was deleted."),
    ("payment.created", "A payment was recorded."),
    ("payment.updated", "A payment has changed."),
    ("payment.voided", "A payment is void."),
    ("payment.deleted", "A payment was deleted."),
    ("customer.created", "There is a new customer."),
    (
        "customer.updated",
        "Something about a customer has changed.",
    ),
    ("customer.merged", "Two customers have become one."),
    ("customer.deleted", "A customer was deleted."),
    ("estimate.created", "There is a new estimate."),
    (
        "estimate.updated",
        "An estimate has changed, such as when it was accepted.",
    ),
    ("salesreceipt.created", "There is a new sales receipt."),
    ("refundreceipt.created", "There is a new refund."),
    ("creditmemo.created", "There is a new credit memo."),
    ("bill.created", "There is a new bill to be paid."),
    ("billpayment.created", "A bill was paid."),
    ("vendor.created", "There is a new vendor."),
    ("item.updated", "A product or service has changed."),
];

/// Starts a run for each change in the company.
#[derive(Config)]
pub(crate) struct Changed {
    /// Which start a run, such as `invoice.created`, or `payment.*` for all about payments; all unless given.
    #[field(default, options = "events", example = json!(["payment.created"]))]
    events: Vec<String>,
    /// Whether changes in other companies start runs, too. Intuit sends those of all companies that have let the client in.
    #[field(default, advanced, label = "Other companies, too")]
    other_companies: bool,
}

/// What a run gets. QuickBooks says what has changed, and not how it is now.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    event: &'a str,
    /// The kind of thing, such as `invoice`.
    entity: &'a str,
    /// What happened to it, such as `created`.
    operation: &'a str,
    /// Its id.
    id: &'a str,
    /// The id of what was merged into it.
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_id: Option<&'a str>,
    /// The company.
    realm_id: &'a str,
    time: Option<&'a str>,
    /// What else QuickBooks sends of it.
    #[serde(skip_serializing_if = "Value::is_null")]
    data: &'a Value,
}

/// A change, in whichever format it came.
#[derive(Debug, PartialEq)]
struct Change {
    key: String,
    entity: String,
    operation: String,
    id: String,
    deleted_id: Option<String>,
    realm: String,
    time: Option<String>,
    data: Value,
}

/// CloudEvents, or what QuickBooks sent before.
#[derive(Deserialize)]
#[serde(untagged)]
enum Body {
    Many(Vec<CloudEvent>),
    Older(Older),
    One(CloudEvent),
}

#[derive(Deserialize)]
struct CloudEvent {
    id: String,
    /// Such as `qbo.invoice.created.v1`.
    #[serde(rename = "type")]
    event_type: String,
    time: Option<String>,
    #[serde(rename = "intuitentityid")]
    entity: String,
    #[serde(rename = "intuitaccountid")]
    realm: String,
    #[serde(default)]
    data: Value,
}

#[derive(Deserialize)]
struct Older {
    #[serde(rename = "eventNotifications")]
    notifications: Vec<Notification>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Notification {
    realm_id: String,
    #[serde(default)]
    data_change_event: Changes,
}

#[derive(Default, Deserialize)]
struct Changes {
    entities: Vec<OlderChange>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OlderChange {
    name: String,
    id: String,
    operation: String,
    last_updated: Option<String>,
    deleted_id: Option<String>,
}

impl Webhook for Changed {
    const TYPE: &'static str = "quickbooks-event";

    fn about() -> About {
        About::new("QuickBooks event")
            .description("Starts when something has changed in QuickBooks: an invoice, a payment, a customer.")
            .icon("receipt")
            .provider("quickbooks")
            .output("data-out", "What has changed.")
            .documentation(include_str!("event/documentation.md"))
            .options::<EventTypes>()
    }

    async fn receive(self, context: Context, request: InboundRequest) -> Result<Reception> {
        let own = company(&context)?.filter(|_| !self.other_companies);
        let changes = request.json::<Body>()?.into_changes();
        let is_own = |change: &Change| own.as_ref().is_none_or(|own| *own == change.realm);
        let events = changes.into_iter().filter(is_own);
        Ok(Reception::accepted(events.filter_map(|change| {
            let event = format!("{}.{}", change.entity, change.operation);
            self.wants(&event).then(|| change.told(&event))
        })))
    }
}

impl Changed {
    fn wants(&self, event: &str) -> bool {
        let is_it = |wanted: &String| {
            let wanted = wanted.trim().to_ascii_lowercase();
            match wanted.strip_suffix('*') {
                Some(prefix) => event.starts_with(prefix),
                None => wanted == event,
            }
        };
        self.events.is_empty() || self.events.iter().any(is_it)
    }
}

impl Body {
    fn into_changes(self) -> Vec<Change> {
        match self {
            Self::Many(events) => events
                .into_iter()
                .filter_map(CloudEvent::into_change)
                .collect(),
            Self::One(event) => event.into_change().into_iter().collect(),
            Self::Older(older) => {
                let notifications = older.notifications.into_iter();
                notifications.flat_map(Notification::into_changes).collect()
            }
        }
    }
}

impl CloudEvent {
    /// None when it is about something else than what a company has.
    fn into_change(self) -> Option<Change> {
        let mut parts = self.event_type.strip_prefix("qbo.")?.split('.');
        let (entity, operation) = (parts.next()?, parts.next()?);
        let is_empty = self.data.as_object().is_some_and(serde_json::Map::is_empty);
        Some(Change {
            key: self.id,
            entity: entity.to_ascii_lowercase(),
            operation: operation.to_ascii_lowercase(),
            id: self.entity,
            deleted_id: None,
            realm: self.realm,
            time: self.time,
            data: if is_empty { Value::Null } else { self.data },
        })
    }
}

impl Notification {
    fn into_changes(self) -> impl Iterator<Item = Change> {
        let realm = self.realm_id;
        let changes = self.data_change_event.entities.into_iter();
        changes.map(move |change| {
            let operation = match change.operation.as_str() {
                "Create" => "created",
                "Update" => "updated",
                "Delete" => "deleted",
                "Merge" => "merged",
                "Void" => "voided",
                other => other,
            };
            let time = change.last_updated.as_deref().unwrap_or_default();
            let (name, id) = (&change.name, &change.id);
            Change {
                key: format!("{realm}:{name}:{id}:{operation}:{time}"),
                entity: name.to_ascii_lowercase(),
                operation: operation.to_ascii_lowercase(),
                realm: realm.clone(),
                id: change.id,
                deleted_id: change.deleted_id,
                time: change.last_updated,
                data: Value::Null,
            }
        })
    }
}

impl Change {
    fn told(&self, name: &str) -> Event {
        let told = Told {
            event: name,
            entity: &self.entity,
            operation: &self.operation,
            id: &self.id,
            deleted_id: self.deleted_id.as_deref(),
            realm_id: &self.realm,
            time: self.time.as_deref(),
            data: &self.data,
        };
        let event = Event::new(&self.key, &told).of_type(name);
        match &self.time {
            Some(time) => event.at(time),
            None => event,
        }
    }
}

/// The types of events, by what somebody has typed of them.
struct EventTypes;

impl OptionSource for EventTypes {
    const NAME: &'static str = "events";

    async fn load(_: Context, _: Value, query: OptionsQuery) -> Result<Options> {
        let search = query.search.unwrap_or_default().to_lowercase();
        let found = EVENT_TYPES
            .iter()
            .filter(|(name, _)| name.contains(&search));
        let options = found.map(|(name, description)| OptionChoice {
            value: (*name).into(),
            label: (*name).to_owned(),
            description: Some((*description).to_owned()),
        });
        Ok(Options {
            options: options.collect(),
            cursor: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing;

    use super::*;

    fn receive(config: Value, body: &Value) -> Vec<Value> {
        let at = ("POST", "https://jackfield.example/hooks/1");
        let ran = testing::plugin(crate::plugin())
            .receive(
                "quickbooks-event",
                config,
                at,
                &[],
                body.to_string().as_bytes(),
            )
            .connected_app("quickbooks", &json!({"realmId": "310687"}))
            .run();
        ran.output()["accepted"]["events"]
            .as_array()
            .unwrap()
            .clone()
    }

    /// Intuit's own example.
    fn cloud_event(event_type: &str) -> Value {
        json!({
            "specversion": "1.0", "id": "88cd52aa-33b6-4351-9aa4-47572edbd068",
            "source": "intuit.dsnBgbseACLLRZNxo2dfc4evmEJdxde58xeeYcZliOU=", "type": event_type,
            "datacontenttype": "application/json", "time": "2025-09-10T21:31:25.179851517Z", "intuitentityid": "1234",
            "intuitaccountid": "310687", "data": {},
        })
    }

    /// Intuit's own example of what it was before.
    fn older(name: &str, operation: &str) -> Value {
        let change = json!({"id": "1234", "operation": operation, "name": name, "lastUpdated": "2025-09-08T20:52:31.657Z"});
        json!({"eventNotifications": [{"realmId": "310687", "dataChangeEvent": {"entities": [change]}}]})
    }

    #[test]
    fn a_change_is_told_alike_in_both_formats() {
        let expected = |key: &str, time: &str| {
            json!([{
                "dedupeKey": key, "type": "account.created", "occurredAt": time,
                "data": {
                    "event": "account.created", "entity": "account", "operation": "created", "id": "1234", "realmId": "310687",
                    "time": time,
                },
            }])
        };
        let event = cloud_event("qbo.account.created.v1");
        assert_eq!(
            json!(receive(json!({}), &json!([event]))),
            expected(
                "88cd52aa-33b6-4351-9aa4-47572edbd068",
                "2025-09-10T21:31:25.179851517Z"
            )
        );
        let time = "2025-09-08T20:52:31.657Z";
        assert_eq!(
            json!(receive(json!({}), &older("Account", "Create"))),
            expected(&format!("310687:Account:1234:created:{time}"), time)
        );
    }

    #[test]
    fn what_nobody_asked_for_starts_nothing() {
        let events = json!([
            cloud_event("qbo.invoice.created.v1"),
            cloud_event("qbo.payment.voided.v1"),
            cloud_event("payroll.employee.created.v1"),
        ]);
        let types = |config: Value| -> Vec<String> {
            let events = receive(config, &events);
            events
                .iter()
                .map(|event| event["type"].as_str().unwrap().to_owned())
                .collect()
        };
        assert_eq!(types(json!({})), ["invoice.created", "payment.voided"]);
        assert_eq!(types(json!({"events": ["payment.*"]})), ["payment.voided"]);
        assert_eq!(
            types(json!({"events": ["Invoice.created", "bill.*"]})),
            ["invoice.created"]
        );
        assert_eq!(types(json!({"events": ["invoice"]})), Vec::<String>::new());
    }

    #[test]
    fn another_company_is_heard_only_where_that_is_wanted() {
        let mut event = cloud_event("qbo.invoice.created.v1");
        event["intuitaccountid"] = "4711".into();
        assert_eq!(receive(json!({}), &json!([event])), Vec::<Value>::new());
        assert_eq!(receive(json!({"otherCompanies": true}), &event).len(), 1);
    }

    #[test]
    fn what_belongs_to_a_change_is_told_with_it() {
        let mut merged = older("Customer", "Merge");
        merged["eventNotifications"][0]["dataChangeEvent"]["entities"][0]["deletedId"] = "7".into();
        let told = receive(json!({}), &merged);
        assert_eq!(told[0]["data"]["event"], "customer.merged");
        assert_eq!(told[0]["data"]["deletedId"], "7");
        let mut event = cloud_event("qbo.invoice.emailed.v1");
        event["data"] = json!({"DocNumber": "1042"});
        assert_eq!(
            receive(json!({}), &json!([event]))[0]["data"]["data"]["DocNumber"],
            "1042"
        );
        assert_eq!(
            receive(json!({}), &older("Invoice", "Emailed"))[0]["type"],
            "invoice.emailed"
        );
    }

    #[test]
    fn types_are_found_by_a_part_of_their_name() {
        let stage =
            testing::plugin(crate::plugin()).options("quickbooks-event", "events", json!({}));
        let query = json!({"source": "events", "search": "payment.c"});
        let loaded = stage.input(&query).run().output();
        let names: Vec<&Value> = loaded["options"]
            .as_array()
            .unwrap()
            .iter()
            .map(|option| &option["value"])
            .collect();
        assert_eq!(names, ["payment.created", "billpayment.created"]);
    }
}
