//! The choices of the config's fields, as the WhatsApp Business account has them.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{OptionChoice, OptionSource, Options, OptionsQuery};

use crate::api::{Settings, id, invalid, request, send};

/// The numbers that messages are sent from.
pub(super) struct Numbers;

impl OptionSource for Numbers {
    const NAME: &'static str = "whatsapp_numbers";

    async fn load(context: Context, _: Value, query: OptionsQuery) -> Result<Options> {
        let fields = "id,display_phone_number,verified_name";
        list(&context, "phone_numbers", fields, &query, |number| {
            Some(OptionChoice {
                value: number["id"].as_str()?.into(),
                label: number["display_phone_number"].as_str()?.to_owned(),
                description: number["verified_name"].as_str().map(str::to_owned),
            })
        })
        .await
    }
}

/// The templates that can be sent.
pub(super) struct Templates;

impl OptionSource for Templates {
    const NAME: &'static str = "whatsapp_templates";

    async fn load(context: Context, _: Value, query: OptionsQuery) -> Result<Options> {
        let fields = "name,language,status";
        list(&context, "message_templates", fields, &query, |template| {
            let name = template["name"].as_str()?;
            let about = [&template["language"], &template["status"]];
            let about: Vec<&str> = about.iter().filter_map(|text| text.as_str()).collect();
            Some(OptionChoice {
                value: name.into(),
                label: name.to_owned(),
                description: Some(about.join(", ")),
            })
        })
        .await
    }
}

/// One page of what the account has.
async fn list(
    context: &Context,
    edge: &str,
    fields: &str,
    query: &OptionsQuery,
    choice: impl Fn(&Value) -> Option<OptionChoice>,
) -> Result<Options> {
    let account = Settings::of(context)?.business_account_id;
    let account = account.ok_or_else(|| {
        invalid(
            "It is not known which WhatsApp Business account it is: set businessAccountId in the settings of the connected app.",
        )
    })?;
    let account = id(
        "businessAccountId in the settings of the connected app",
        &account,
    )?;
    let mut request = request(context, "GET", &format!("/{account}/{edge}"))?
        .query("fields", fields)
        .query("limit", "100");
    if let Some(cursor) = &query.cursor {
        request = request.query("after", cursor);
    }
    let answer = send(request).await?;
    let search = query.search.as_deref().unwrap_or_default().to_lowercase();
    let is_found = |choice: &OptionChoice| choice.label.to_lowercase().contains(&search);
    let items = answer["data"].as_array().into_iter().flatten();
    // The last page has a cursor, too, and no address of a next one.
    let paging = &answer["paging"];
    let after = paging["cursors"]["after"].as_str();
    let after = after.filter(|_| paging["next"].is_string());
    Ok(Options {
        options: items.filter_map(choice).filter(is_found).collect(),
        cursor: after.map(str::to_owned),
    })
}
