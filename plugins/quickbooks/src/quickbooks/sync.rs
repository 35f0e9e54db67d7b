//! What has changed: <https://developer.intuit.com/app/developer/qbo/docs/learn/explore-the-quickbooks-online-api/change-data-capture>.
//! All there is comes by queries, page by page.

use jackfield_plugin_sdk::prelude::*;
use serde_json::Map;

use crate::api::{invalid, request, send};
use crate::query::{MOST, Query};

/// Reads what the company has, or what of it has changed.
#[derive(Config)]
pub(super) struct Sync {
    /// Of which kinds.
    #[field(default = vec![Entity::Customer, Entity::Invoice, Entity::Payment], min_length = 1, example = json!(["Invoice", "Payment"]))]
    entities: Vec<Entity>,
    /// Only what has changed since then, also what was deleted; at most 30 days ago. Everything unless given.
    #[field(
        format = "date-time",
        placeholder = "{{ vars.lastSync }}",
        example = &"2026-11-27T00:00:00Z"
    )]
    changed_since: Option<String>,
    /// So many at most, where everything is read.
    #[field(default = 1000, min = 1, max = 100_000)]
    limit: u64,
    /// Where an earlier step ended that has read everything.
    #[field(advanced)]
    cursor: Option<String>,
}

/// A kind of thing that a company has, by QuickBooks' names.
#[derive(Clone, Copy, Config, Body, PartialEq, Eq)]
#[serde(rename_all = "PascalCase")]
enum Entity {
    Account,
    Bill,
    BillPayment,
    Class,
    CreditMemo,
    Customer,
    Department,
    Deposit,
    Employee,
    Estimate,
    Invoice,
    Item,
    JournalEntry,
    Payment,
    PaymentMethod,
    Purchase,
    PurchaseOrder,
    RefundReceipt,
    SalesReceipt,
    Term,
    TimeActivity,
    Transfer,
    Vendor,
    VendorCredit,
}

/// What was read.
#[derive(Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Synced {
    /// By QuickBooks' names of the kinds, as QuickBooks has them. What was deleted has the `status` `Deleted`.
    entities: Map<String, Value>,
    /// How many there are.
    count: u64,
    /// QuickBooks' time of the first answer: `changedSince` of the next step.
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    /// Kinds of which so much has changed that QuickBooks has not told all of it: read these in full.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    incomplete: Vec<String>,
    /// Where the rest begins; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
}

impl Operation for Sync {
    const NAME: &'static str = "sync";
    type Output = Synced;

    async fn run(mut self, context: Context) -> Result<Synced> {
        self.entities.dedup();
        match (&self.changed_since, &self.cursor) {
            (Some(_), Some(_)) => Err(invalid(
                "cursor goes with reading everything: leave out changedSince.",
            )),
            (Some(since), None) => self.changes(&context, since.trim()).await,
            (None, cursor) => self.everything(&context, cursor.as_deref()).await,
        }
    }
}

impl Entity {
    fn name(self) -> String {
        // One of the names above.
        json!(self).as_str().unwrap_or_default().to_owned()
    }
}

impl Sync {
    async fn changes(&self, context: &Context, since: &str) -> Result<Synced> {
        let names: Vec<String> = self.entities.iter().map(|entity| entity.name()).collect();
        let request = request(context, "GET", "/cdc")?
            .query("entities", &names.join(","))
            .query("changedSince", since);
        let mut answer = send(request).await?;
        let mut synced = Synced {
            time: answer["time"].as_str().map(str::to_owned),
            ..Synced::default()
        };
        let mut parts = answer["CDCResponse"][0]["QueryResponse"].take();
        for part in parts.as_array_mut().into_iter().flatten() {
            for name in &names {
                if let Value::Array(rows) = part[name.as_str()].take() {
                    if rows.len() as u64 >= MOST {
                        synced.incomplete.push(name.clone());
                    }
                    synced.add(name, rows);
                }
            }
        }
        Ok(synced)
    }

    async fn everything(&self, context: &Context, cursor: Option<&str>) -> Result<Synced> {
        let (mut at, mut start) = match cursor {
            Some(cursor) => self.read_cursor(cursor)?,
            None => (0, 1),
        };
        let mut synced = Synced::default();
        while let Some(entity) = self.entities.get(at).map(|entity| entity.name()) {
            let room = self.limit - synced.count;
            if room == 0 {
                synced.cursor = Some(format!("{entity}:{start}"));
                break;
            }
            let query = Query {
                entity: &entity,
                conditions: Vec::new(),
                order: Some("Id asc"),
                start,
                most: room.min(MOST),
            };
            let answer = query.ask(context).await?;
            let count = answer.rows.len() as u64;
            synced.time = synced.time.or(answer.time);
            synced.add(&entity, answer.rows);
            (at, start) = match count < query.most {
                true => (at + 1, 1),
                false => (at, start + count),
            };
        }
        Ok(synced)
    }

    /// The number of the kind among the chosen ones, and of its first row.
    fn read_cursor(&self, cursor: &str) -> Result<(usize, u64)> {
        let read = || {
            let (name, start) = cursor.split_once(':')?;
            let at = self
                .entities
                .iter()
                .position(|entity| entity.name() == name)?;
            Some((at, start.parse().ok().filter(|start| *start > 0)?))
        };
        read().ok_or_else(|| {
            invalid("cursor is none that an earlier step with the same entities has ended with.")
        })
    }
}

impl Synced {
    fn add(&mut self, entity: &str, mut rows: Vec<Value>) {
        self.count += rows.len() as u64;
        match self.entities.get_mut(entity) {
            Some(Value::Array(known)) => known.append(&mut rows),
            _ => {
                self.entities.insert(entity.to_owned(), rows.into());
            }
        }
    }
}
