//! Who can be paid: the accounts that are connected to the platform at Stripe.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{OptionChoice, OptionSource, Options, OptionsQuery};

use crate::service::Service;

/// Accounts for a direct deposit. Who else is paid nobody lists.
pub(super) struct Recipients;

impl OptionSource for Recipients {
    const NAME: &'static str = "recipients";

    async fn load(context: Context, config: Value, query: OptionsQuery) -> Result<Options> {
        let is_deposit = config["method"] == "direct_deposit";
        if !is_deposit || Service::of(&context, &[Service::Stripe]).await?.is_none() {
            return Ok(Options::default());
        }
        let api = Service::Stripe.api();
        let mut request = api
            .request(&context, "GET", "/v1/accounts")?
            .query("limit", "100");
        if let Some(cursor) = &query.cursor {
            request = request.query("starting_after", cursor);
        }
        let answer = api.send(request).await?;
        let accounts = answer["data"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let last = accounts.last().and_then(|last| last["id"].as_str());
        let search = query.search.as_deref().unwrap_or_default().to_lowercase();
        let is_found = |choice: &OptionChoice| {
            let id = choice.value.as_str().unwrap_or_default();
            choice.label.to_lowercase().contains(&search) || id.contains(&search)
        };
        Ok(Options {
            options: accounts
                .iter()
                .filter_map(choice)
                .filter(is_found)
                .collect(),
            cursor: last
                .filter(|_| answer["has_more"] == true)
                .map(str::to_owned),
        })
    }
}

fn choice(account: &Value) -> Option<OptionChoice> {
    let named = |value: &Value| {
        value
            .as_str()
            .map(str::to_owned)
            .filter(|text| !text.is_empty())
    };
    let person = &account["individual"];
    let whole = match (named(&person["first_name"]), named(&person["last_name"])) {
        (Some(first), Some(last)) => Some(format!("{first} {last}")),
        (first, last) => first.or(last),
    };
    let label = named(&account["business_profile"]["name"])
        .or(named(&account["company"]["name"]))
        .or(whole)
        .or(named(&account["email"]))
        .or(named(&account["id"]))?;
    let cannot = account["payouts_enabled"] == false;
    Some(OptionChoice {
        value: account["id"].as_str()?.into(),
        label,
        description: match cannot {
            true => Some("cannot be paid out yet".to_owned()),
            false => named(&account["email"]),
        },
    })
}
