//! The choices of the configs' fields, as the account has them.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{OptionChoice, OptionSource, Options, OptionsQuery};

use crate::account::Account;

/// How many are asked for at once.
const PAGE: u64 = 100;

/// The audiences of the account.
pub(crate) struct Audiences;

impl OptionSource for Audiences {
    const NAME: &'static str = "audiences";

    async fn load(context: Context, _: Value, query: OptionsQuery) -> Result<Options> {
        let fields = "lists.id,lists.name,lists.stats.member_count,total_items";
        list(&context, "lists", fields, &query, |audience| {
            let count = audience["stats"]["member_count"].as_u64();
            Some(OptionChoice {
                value: audience["id"].as_str()?.into(),
                label: audience["name"].as_str()?.to_owned(),
                description: count.map(|count| format!("{count} members")),
            })
        })
        .await
    }
}

/// The campaigns of the account, the newest first.
pub(crate) struct Campaigns;

impl OptionSource for Campaigns {
    const NAME: &'static str = "campaigns";

    async fn load(context: Context, _: Value, query: OptionsQuery) -> Result<Options> {
        let fields = "campaigns.id,campaigns.status,campaigns.settings.title,campaigns.settings.subject_line,total_items";
        list(&context, "campaigns", fields, &query, |campaign| {
            let settings = &campaign["settings"];
            let names = [&settings["title"], &settings["subject_line"]];
            let mut names = names.iter().filter_map(|name| name.as_str());
            let id = campaign["id"].as_str()?;
            Some(OptionChoice {
                value: id.into(),
                label: names.find(|name| !name.is_empty()).unwrap_or(id).to_owned(),
                description: campaign["status"].as_str().map(str::to_owned),
            })
        })
        .await
    }
}

/// The tags of the audience that was chosen before.
pub(crate) struct Tags;

impl OptionSource for Tags {
    const NAME: &'static str = "tags";

    async fn load(context: Context, config: Value, query: OptionsQuery) -> Result<Options> {
        let audience = config["audience"].as_str().map(str::trim);
        // An expression says nothing before there is a run.
        let is_id = |audience: &&str| {
            !audience.is_empty() && audience.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        let Some(audience) = audience.filter(is_id) else {
            return Ok(Options::default());
        };
        let account = Account::of(&context).await?;
        let path = format!("/lists/{audience}/tag-search");
        let mut request = account.request(&context, "GET", &path)?;
        if let Some(search) = query.search.filter(|search| !search.is_empty()) {
            request = request.query("name", &search);
        }
        let found = account.send(request).await?;
        let tags = found["tags"].as_array().into_iter().flatten();
        let tags = tags.filter_map(|tag| tag["name"].as_str());
        let choice = |name: &str| OptionChoice {
            value: name.into(),
            label: name.to_owned(),
            description: None,
        };
        Ok(Options {
            options: tags.map(choice).collect(),
            cursor: None,
        })
    }
}

/// One page of a list. Items are counted.
async fn list(
    context: &Context,
    name: &str,
    fields: &str,
    query: &OptionsQuery,
    choice: impl Fn(&Value) -> Option<OptionChoice>,
) -> Result<Options> {
    let cursor = query
        .cursor
        .as_deref()
        .and_then(|cursor| cursor.parse().ok());
    let offset: u64 = cursor.unwrap_or(0);
    let account = Account::of(context).await?;
    let mut request = account
        .request(context, "GET", &format!("/{name}"))?
        .query("fields", fields)
        .query("count", &PAGE.to_string())
        .query("offset", &offset.to_string());
    if name == "campaigns" {
        request = request
            .query("sort_field", "create_time")
            .query("sort_dir", "DESC");
    }
    let answer = account.send(request).await?;
    let items = answer[name]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let search = query.search.as_deref().unwrap_or_default().to_lowercase();
    let is_found = |choice: &OptionChoice| choice.label.to_lowercase().contains(&search);
    let seen = offset + items.len() as u64;
    let has_more = !items.is_empty()
        && answer["total_items"]
            .as_u64()
            .is_some_and(|total| seen < total);
    Ok(Options {
        options: items.iter().filter_map(choice).filter(is_found).collect(),
        cursor: has_more.then(|| seen.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing::{self, Ran, Reply, Stage};

    use super::*;
    use crate::tests::{as_the_sdk, connected};

    fn stage(source: &str, config: Value) -> Stage {
        connected(testing::plugin(crate::plugin()).options("mailchimp", source, config))
    }

    fn load(source: &str, config: Value, answer: &Value) -> Ran {
        stage(source, config).reply(Reply::json(200, answer)).run()
    }

    #[test]
    fn audiences_are_counted() {
        let audience =
            json!({"id": "a1b2c3", "name": "New customers", "stats": {"member_count": 7}});
        let answer = json!({"lists": [audience], "total_items": 2});
        let ran = load("audiences", json!({}), &answer);
        as_the_sdk("audiences", &ran.requests[0]);
        assert_eq!(
            ran.output(),
            json!({
                "options": [{"value": "a1b2c3", "label": "New customers", "description": "7 members"}], "cursor": "1",
            })
        );
        let ran = load(
            "audiences",
            json!({}),
            &json!({"lists": [], "total_items": 2}),
        );
        assert_eq!(ran.output(), json!({"options": []}));
    }

    #[test]
    fn campaigns_and_tags_are_asked_for_as_the_sdk_does() {
        let campaign = json!({"id": "c0ffee", "status": "save", "settings": {"title": "", "subject_line": "Spring"}});
        let ran = load(
            "campaigns",
            json!({}),
            &json!({"campaigns": [campaign], "total_items": 1}),
        );
        as_the_sdk("campaigns", &ran.requests[0]);
        assert_eq!(
            ran.output(),
            json!({"options": [{"value": "c0ffee", "label": "Spring", "description": "save"}]})
        );
        let config = json!({"audience": "a1b2c3"});
        let ran = load(
            "tags",
            config,
            &json!({"tags": [{"id": 1, "name": "New customer"}], "total_items": 1}),
        );
        as_the_sdk("tags", &ran.requests[0]);
        assert_eq!(
            ran.output(),
            json!({"options": [{"value": "New customer", "label": "New customer"}]})
        );
        let ran = stage("tags", json!({"audience": "{{ vars.audience }}"})).run();
        assert_eq!(ran.output(), json!({"options": []}));
    }
}
