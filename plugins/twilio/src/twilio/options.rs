//! The choices of the config's fields, as the account has them.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::read;
use jackfield_plugin_sdk::{OptionChoice, OptionSource, Options, OptionsQuery};

use super::numbers::{self, next, paged};
use crate::api::messaging;

/// The account's phone numbers.
pub(super) struct Numbers;

impl OptionSource for Numbers {
    const NAME: &'static str = "phone_numbers";

    async fn load(context: Context, _: Value, query: OptionsQuery) -> Result<Options> {
        let page = numbers::page(&context, &query).await?;
        let options = page.items.into_iter().map(|number| OptionChoice {
            description: Some(number.label()).filter(|label| !label.is_empty()),
            label: number.phone_number.clone(),
            value: number.phone_number.into(),
        });
        Ok(Options {
            options: options.collect(),
            cursor: page.cursor,
        })
    }
}

/// The account's messaging services.
pub(super) struct MessagingServices;

#[derive(Deserialize)]
struct List {
    services: Vec<Service>,
    meta: Meta,
}

#[derive(Deserialize)]
struct Service {
    sid: String,
    friendly_name: String,
}

#[derive(Deserialize)]
struct Meta {
    next_page_url: Option<String>,
}

impl OptionSource for MessagingServices {
    const NAME: &'static str = "messaging_services";

    async fn load(context: Context, _: Value, query: OptionsQuery) -> Result<Options> {
        let request = messaging().request(&context, "GET", "/v1/Services")?;
        let request = paged(request, "50", query.cursor.as_deref());
        let list: List = read(messaging().send(request).await?)?;
        let search = query.search.unwrap_or_default().to_lowercase();
        let found = list.services.into_iter().filter(|service| {
            service.friendly_name.to_lowercase().contains(&search)
                || service.sid.to_lowercase().contains(&search)
        });
        let options = found.map(|service| OptionChoice {
            label: service.friendly_name,
            description: Some(service.sid.clone()),
            value: service.sid.into(),
        });
        Ok(Options {
            options: options.collect(),
            cursor: list.meta.next_page_url.as_deref().and_then(next),
        })
    }
}
