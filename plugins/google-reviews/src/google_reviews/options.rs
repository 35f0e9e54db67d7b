//! The choices of the config's fields.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::Api;
use jackfield_plugin_sdk::{OptionChoice, OptionSource, Options, OptionsQuery, Request};

use crate::api::{accounts, locations, number, places};

/// Places, by what somebody has typed of their names.
pub(super) struct Places;

impl OptionSource for Places {
    const NAME: &'static str = "places";

    async fn load(context: Context, _: Value, query: OptionsQuery) -> Result<Options> {
        let search = query.search.as_deref().unwrap_or_default().trim();
        if search.is_empty() {
            return Ok(Options::default());
        }
        let request = places()
            .request(&context, "POST", "/places:searchText")?
            .header(
                "X-Goog-FieldMask",
                "places.id,places.displayName,places.formattedAddress",
            )
            .json(&json!({"textQuery": search}));
        let found = places().send(request).await?;
        let choice = |place: &Value| {
            Some(OptionChoice {
                value: place["id"].as_str()?.into(),
                label: place["displayName"]["text"].as_str()?.to_owned(),
                description: place["formattedAddress"].as_str().map(str::to_owned),
            })
        };
        let found = found["places"].as_array().into_iter().flatten();
        Ok(Options {
            options: found.filter_map(choice).collect(),
            cursor: None,
        })
    }
}

/// The accounts that the grant is for.
pub(super) struct Accounts;

impl OptionSource for Accounts {
    const NAME: &'static str = "accounts";

    async fn load(context: Context, _: Value, query: OptionsQuery) -> Result<Options> {
        let request = accounts().request(&context, "GET", "/accounts")?;
        let request = request.query("pageSize", "20");
        named(&accounts(), request, &query, ("accounts", "accountName")).await
    }
}

/// The locations of the account that was chosen before.
pub(super) struct Locations;

impl OptionSource for Locations {
    const NAME: &'static str = "locations";

    async fn load(context: Context, config: Value, query: OptionsQuery) -> Result<Options> {
        // An expression says nothing before there is a run.
        let account = config["account"].as_str().map(str::trim);
        let Some(Ok(account)) = account.map(|account| number("account", account)) else {
            return Ok(Options::default());
        };
        let path = format!("/accounts/{account}/locations");
        let request = locations()
            .request(&context, "GET", &path)?
            .query("readMask", "name,title")
            .query("pageSize", "100");
        named(&locations(), request, &query, ("locations", "title")).await
    }
}

/// One page of a list, whose items have a name of Google's and one for people.
async fn named(
    api: &Api,
    request: Request,
    query: &OptionsQuery,
    (items, label): (&str, &str),
) -> Result<Options> {
    let request = match &query.cursor {
        Some(cursor) => request.query("pageToken", cursor),
        None => request,
    };
    let found = api.send(request).await?;
    let search = query.search.as_deref().unwrap_or_default().to_lowercase();
    let choice = |item: &Value| {
        Some(OptionChoice {
            value: number(items, item["name"].as_str()?).ok()?.into(),
            label: item[label].as_str()?.to_owned(),
            description: None,
        })
    };
    let is_found = |choice: &OptionChoice| choice.label.to_lowercase().contains(&search);
    let found_items = found[items].as_array().into_iter().flatten();
    let next = found["nextPageToken"].as_str();
    Ok(Options {
        options: found_items.filter_map(choice).filter(is_found).collect(),
        cursor: next.filter(|next| !next.is_empty()).map(str::to_owned),
    })
}
