//! The choices of the config's fields, as the company has them.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{OptionChoice, OptionSource, Options, OptionsQuery};

use crate::query::{Query, is_id, quoted};

/// How many choices are loaded at once.
const PAGE: u64 = 100;

/// A list that is chosen from.
struct List<'a> {
    entity: &'a str,
    /// What a choice is called by, and searched for.
    label: &'a str,
    order: &'a str,
    conditions: Vec<String>,
}

impl List<'_> {
    fn named<'a>(entity: &'a str, label: &'a str, order: &'a str) -> List<'a> {
        List {
            entity,
            label,
            order,
            conditions: Vec::new(),
        }
    }

    async fn load(
        mut self,
        context: &Context,
        query: &OptionsQuery,
        describe: impl Fn(&Value) -> Option<String>,
    ) -> Result<Options> {
        let search = query.search.as_deref().unwrap_or_default().trim();
        if !search.is_empty() {
            let pattern = quoted(&format!("%{search}%"));
            self.conditions
                .push(format!("{} like {pattern}", self.label));
        }
        let start = query
            .cursor
            .as_deref()
            .and_then(|cursor| cursor.parse().ok());
        let start = start.unwrap_or(1);
        let rows = Query {
            entity: self.entity,
            conditions: self.conditions,
            order: Some(self.order),
            start,
            most: PAGE,
        };
        let rows = rows.rows(context).await?;
        let choice = |row: &Value| {
            Some(OptionChoice {
                value: row["Id"].as_str()?.into(),
                label: row[self.label].as_str().or(row["Id"].as_str())?.to_owned(),
                description: describe(row),
            })
        };
        Ok(Options {
            options: rows.iter().filter_map(choice).collect(),
            cursor: (rows.len() as u64 >= PAGE).then(|| (start + PAGE).to_string()),
        })
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// The customers, or those whose name is like what somebody has typed.
pub(super) struct Customers;

impl OptionSource for Customers {
    const NAME: &'static str = "customers";

    async fn load(context: Context, _: Value, query: OptionsQuery) -> Result<Options> {
        let list = List::named("Customer", "DisplayName", "DisplayName asc");
        let email = |row: &Value| text(&row["PrimaryEmailAddr"]["Address"]);
        list.load(&context, &query, email).await
    }
}

/// The products and services.
pub(super) struct Items;

impl OptionSource for Items {
    const NAME: &'static str = "items";

    async fn load(context: Context, _: Value, query: OptionsQuery) -> Result<Options> {
        let list = List::named("Item", "Name", "Name asc");
        let price = |row: &Value| row["UnitPrice"].as_f64().map(|price| format!("{price}"));
        list.load(&context, &query, price).await
    }
}

/// The invoices that are not paid yet, of the chosen customer where that is an id.
pub(super) struct OpenInvoices;

impl OptionSource for OpenInvoices {
    const NAME: &'static str = "open_invoices";

    async fn load(context: Context, config: Value, query: OptionsQuery) -> Result<Options> {
        let mut list = List::named("Invoice", "DocNumber", "TxnDate desc");
        let customer = config["customer"].as_str().map(str::trim);
        if let Some(customer) = customer.filter(|customer| is_id(customer)) {
            list.conditions
                .push(format!("CustomerRef = {}", quoted(customer)));
        }
        list.conditions.push("Balance > '0'".to_owned());
        let about = |row: &Value| {
            let (name, left) = (
                row["CustomerRef"]["name"].as_str()?,
                row["Balance"].as_f64()?,
            );
            Some(format!("{name}, {left} to be paid"))
        };
        list.load(&context, &query, about).await
    }
}

/// The ways to pay.
pub(super) struct PaymentMethods;

impl OptionSource for PaymentMethods {
    const NAME: &'static str = "payment_methods";

    async fn load(context: Context, _: Value, query: OptionsQuery) -> Result<Options> {
        let list = List::named("PaymentMethod", "Name", "Name asc");
        list.load(&context, &query, |_| None).await
    }
}

/// The accounts that money comes into.
pub(super) struct Accounts;

impl OptionSource for Accounts {
    const NAME: &'static str = "accounts";

    async fn load(context: Context, _: Value, query: OptionsQuery) -> Result<Options> {
        let mut list = List::named("Account", "Name", "Name asc");
        list.conditions
            .push("AccountType in ('Bank', 'Other Current Asset')".to_owned());
        let kind = |row: &Value| text(&row["AccountType"]);
        list.load(&context, &query, kind).await
    }
}

/// The terms by which invoices are paid.
pub(super) struct Terms;

impl OptionSource for Terms {
    const NAME: &'static str = "terms";

    async fn load(context: Context, _: Value, query: OptionsQuery) -> Result<Options> {
        let list = List::named("Term", "Name", "Name asc");
        list.load(&context, &query, |_| None).await
    }
}

/// The tax codes of the company. Companies in the USA also have `TAX` and `NON`.
pub(super) struct TaxCodes;

impl OptionSource for TaxCodes {
    const NAME: &'static str = "tax_codes";

    async fn load(context: Context, _: Value, query: OptionsQuery) -> Result<Options> {
        let list = List::named("TaxCode", "Name", "Name asc");
        let about = |row: &Value| text(&row["Description"]);
        list.load(&context, &query, about).await
    }
}
