//! The choices of the config's fields, as the account has them.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{Amount, Currency, OptionChoice, OptionSource, Options, OptionsQuery};

use crate::api::api_for;
use crate::price::decimals;

/// How many choices are loaded at once, Stripe's most.
const PAGE: &str = "100";

/// One page of a list, each item as a choice.
async fn page(
    context: &Context,
    config: &Value,
    path: &str,
    filters: &[(&str, &str)],
    query: &OptionsQuery,
    choice: impl Fn(&Value) -> Option<OptionChoice>,
) -> Result<Options> {
    // An expression says nothing before there is a run.
    let account = config["account"].as_str();
    let api = api_for(account.filter(|account| account.starts_with("acct_")));
    let mut request = api.request(context, "GET", path)?.query("limit", PAGE);
    for (name, value) in filters {
        request = request.query(name, value);
    }
    if let Some(cursor) = &query.cursor {
        request = request.query("starting_after", cursor);
    }
    let answer = api.send(request).await?;
    let items = answer["data"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let last = items.last().and_then(|last| last["id"].as_str());
    let search = query.search.as_deref().unwrap_or_default().to_lowercase();
    let is_found = |choice: &OptionChoice| {
        choice.label.to_lowercase().contains(&search)
            || choice.value.as_str().is_some_and(|id| id.contains(&search))
    };
    Ok(Options {
        options: items.iter().filter_map(choice).filter(is_found).collect(),
        cursor: last
            .filter(|_| answer["has_more"] == true)
            .map(str::to_owned),
    })
}

/// The customers, newest first, or those with the e-mail address that somebody has typed.
pub(super) struct Customers;

impl OptionSource for Customers {
    const NAME: &'static str = "customers";

    async fn load(context: Context, config: Value, query: OptionsQuery) -> Result<Options> {
        let email = query
            .search
            .clone()
            .filter(|search| search.contains('@') && search.contains('.'));
        let filter = email.as_deref().map(|email| ("email", email));
        page(
            &context,
            &config,
            "/v1/customers",
            filter.as_slice(),
            &query,
            |customer| {
                let named =
                    |member: &str| customer[member].as_str().filter(|text| !text.is_empty());
                let label = match (named("name"), named("email")) {
                    (Some(name), Some(email)) => format!("{name} <{email}>"),
                    (Some(one), None) | (None, Some(one)) => one.to_owned(),
                    (None, None) => named("id")?.to_owned(),
                };
                choice(customer, label, named("description"))
            },
        )
        .await
    }
}

/// What the chosen customer has saved to pay with.
pub(super) struct PaymentMethods;

impl OptionSource for PaymentMethods {
    const NAME: &'static str = "payment_methods";

    async fn load(context: Context, config: Value, query: OptionsQuery) -> Result<Options> {
        // An id, so that it stays within the path; an expression or an e-mail address is none.
        let is_id = |id: &&str| {
            !id.is_empty()
                && id
                    .chars()
                    .all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        };
        let Some(customer) = config["customer"].as_str().filter(is_id) else {
            return Ok(Options::default());
        };
        let path = format!("/v1/customers/{customer}/payment_methods");
        page(&context, &config, &path, &[], &query, |method| {
            let kind = method["type"].as_str().unwrap_or_default();
            let of = &method[kind];
            let label = match (of["brand"].as_str(), of["last4"].as_str()) {
                (Some(brand), Some(last4)) => format!("{brand} •••• {last4}"),
                (None, Some(last4)) => format!("{kind} •••• {last4}"),
                _ => kind.to_owned(),
            };
            let expiry = of["exp_month"].as_u64().zip(of["exp_year"].as_u64());
            let expiry = expiry.map(|(month, year)| format!("until {month:02}/{year}"));
            choice(method, label, expiry.as_deref())
        })
        .await
    }
}

/// The prices that can be subscribed to.
pub(super) struct Prices;

impl OptionSource for Prices {
    const NAME: &'static str = "prices";

    async fn load(context: Context, config: Value, query: OptionsQuery) -> Result<Options> {
        let filters = [
            ("active", "true"),
            ("type", "recurring"),
            ("expand[0]", "data.product"),
        ];
        page(&context, &config, "/v1/prices", &filters, &query, |price| {
            let product = price["product"]["name"]
                .as_str()
                .or(price["nickname"].as_str());
            let amount = amount(price)?;
            let label = match product {
                Some(product) => format!("{product}, {amount}"),
                None => amount,
            };
            choice(price, label, price["nickname"].as_str())
        })
        .await
    }
}

/// The subscriptions that have not ended.
pub(super) struct Subscriptions;

impl OptionSource for Subscriptions {
    const NAME: &'static str = "subscriptions";

    async fn load(context: Context, config: Value, query: OptionsQuery) -> Result<Options> {
        let filters = [("expand[0]", "data.customer")];
        page(
            &context,
            &config,
            "/v1/subscriptions",
            &filters,
            &query,
            |subscription| {
                let customer = &subscription["customer"];
                let who = [&customer["name"], &customer["email"], &customer["id"]];
                let who = who.iter().find_map(|text| text.as_str())?.to_owned();
                let prices = subscription["items"]["data"].as_array()?.iter();
                let amounts: Vec<String> =
                    prices.filter_map(|item| amount(&item["price"])).collect();
                let status = subscription["status"].as_str();
                choice(
                    subscription,
                    format!("{who}: {}", amounts.join(", ")),
                    status,
                )
            },
        )
        .await
    }
}

fn choice(item: &Value, label: String, description: Option<&str>) -> Option<OptionChoice> {
    Some(OptionChoice {
        value: item["id"].as_str()?.into(),
        label,
        description: description.map(str::to_owned),
    })
}

/// Such as `12.50 EUR a month`.
fn amount(price: &Value) -> Option<String> {
    let currency = Currency::new(price["currency"].as_str()?)?;
    let amount = match price["unit_amount"].as_u64() {
        Some(units) => Amount::of_units(units, decimals(&currency)).to_string(),
        None => "by usage in".to_owned(),
    };
    let recurring = &price["recurring"];
    let every = match (
        recurring["interval"].as_str(),
        recurring["interval_count"].as_u64(),
    ) {
        (Some(interval), None | Some(1)) => format!(" a {interval}"),
        (Some(interval), Some(count)) => format!(" every {count} {interval}s"),
        (None, _) => String::new(),
    };
    Some(format!("{amount} {currency}{every}"))
}
