//! The models that the account may use: <https://platform.claude.com/docs/en/api/models-list>.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{
    OptionChoice, OptionSource, Options, OptionsQuery, Resource, ResourceQuery, ResourceStatus,
    ResourceType, Resources, code,
};

use crate::api::api;

/// How many are asked for at once, which is as many as Anthropic gives.
const PAGE: &str = "1000";

/// The model that content is written with, unless a workflow names another.
pub(crate) struct Preference;

/// The models as choices of a config.
pub(crate) struct Choices;

/// A page of the list.
#[derive(Deserialize)]
pub(crate) struct List {
    pub(crate) data: Vec<Model>,
    has_more: bool,
    last_id: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Model {
    id: String,
    display_name: String,
    /// `active`, `deprecated` or `retired`.
    #[serde(default)]
    lifecycle: Option<String>,
}

impl ResourceType for Preference {
    const TYPE: &'static str = "model_preference";
    const NAME: &'static str = "Model preference";
    const DESCRIPTION: &'static str =
        "The model that content is written with unless a workflow names another.";
    const MAX: Option<u32> = Some(1);

    async fn list(context: Context, query: ResourceQuery) -> Result<Resources> {
        let list = models(&context, PAGE, query.cursor).await?;
        let cursor = list.cursor();
        let resources = list.data.into_iter().map(|model| Resource {
            status: match model.is_retired() {
                false => ResourceStatus::Verified,
                true => ResourceStatus::Failed,
            },
            value: model.id,
            label: model.display_name,
            is_default: false,
        });
        Ok(Resources {
            resources: resources.collect(),
            cursor,
        })
    }
}

impl OptionSource for Choices {
    const NAME: &'static str = "models";

    async fn load(context: Context, _: Value, query: OptionsQuery) -> Result<Options> {
        let list = models(&context, PAGE, query.cursor).await?;
        let cursor = list.cursor();
        let search = query.search.unwrap_or_default().to_lowercase();
        let is_found = |model: &Model| {
            [&model.id, &model.display_name]
                .iter()
                .any(|text| text.to_lowercase().contains(&search))
        };
        let found = list.data.into_iter().filter(is_found);
        let options = found.map(|model| OptionChoice {
            description: model.lifecycle.filter(|stage| stage != "active"),
            value: model.id.into(),
            label: model.display_name,
        });
        Ok(Options {
            options: options.collect(),
            cursor,
        })
    }
}

impl List {
    /// Where the list goes on.
    fn cursor(&self) -> Option<String> {
        self.last_id.clone().filter(|_| self.has_more)
    }
}

impl Model {
    fn is_retired(&self) -> bool {
        self.lifecycle.as_deref() == Some("retired")
    }
}

/// A page of the models, newest first.
pub(crate) async fn models(context: &Context, limit: &str, after: Option<String>) -> Result<List> {
    let mut request = api()
        .request(context, "GET", "/v1/models")?
        .query("limit", limit);
    if let Some(after) = after {
        request = request.query("after_id", &after);
    }
    let answer = api().send(request).await?;
    serde_json::from_value(answer).map_err(|error| {
        let message = format!("Anthropic's list of models cannot be read: {error}.");
        Error::new(code::UNEXPECTED_RESPONSE, message)
    })
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing::{self, Reply};

    use super::*;
    use crate::tests::as_the_sdk;

    fn model(id: &str, name: &str, lifecycle: &str) -> Value {
        json!({
            "type": "model", "id": id, "display_name": name, "created_at": "2026-09-01T00:00:00Z", "lifecycle": lifecycle,
            "deprecated_at": null, "retires_at": null, "line": null, "capabilities": null, "max_input_tokens": 1_000_000, "max_tokens": 128_000,
        })
    }

    fn page(has_more: bool) -> Reply {
        let models = [
            model("claude-opus-5-5", "Claude Opus 5.5", "active"),
            model("claude-sonnet-5-5", "Claude Sonnet 5.5", "deprecated"),
        ];
        let page = json!({"data": models, "has_more": has_more, "first_id": "claude-opus-5-5", "last_id": "claude-sonnet-5-5"});
        Reply::json(200, &page)
    }

    #[test]
    fn models_are_asked_for_as_the_sdk_does() {
        let list = || testing::plugin(crate::plugin()).resources("anthropic", "model_preference");
        let ran = list().reply(page(true)).run();
        as_the_sdk("models", &ran.requests[0]);
        assert_eq!(
            ran.output(),
            json!({
                "resources": [
                    {"value": "claude-opus-5-5", "label": "Claude Opus 5.5", "status": "VERIFIED"},
                    {"value": "claude-sonnet-5-5", "label": "Claude Sonnet 5.5", "status": "VERIFIED"},
                ],
                "cursor": "claude-sonnet-5-5",
            })
        );
        assert!(
            list()
                .reply(page(false))
                .run()
                .output()
                .get("cursor")
                .is_none()
        );
    }

    #[test]
    fn a_long_list_goes_on_as_in_the_sdk() {
        let query = json!({"resourceType": "model_preference", "cursor": "claude-sonnet-5-5"});
        let ran = testing::plugin(crate::plugin())
            .resources("anthropic", "model_preference")
            .input(&query)
            .reply(page(false))
            .run();
        as_the_sdk("more_models", &ran.requests[0]);
    }

    #[test]
    fn models_are_choices_of_the_node() {
        let ran = testing::plugin(crate::plugin())
            .options(
                "anthropic",
                "models",
                json!({"operation": "generate_content"}),
            )
            .connected_app("anthropic", &json!({}))
            .reply(page(false))
            .run();
        assert_eq!(
            ran.output(),
            json!({"options": [
                {"value": "claude-opus-5-5", "label": "Claude Opus 5.5"},
                {"value": "claude-sonnet-5-5", "label": "Claude Sonnet 5.5", "description": "deprecated"},
            ]})
        );
    }
}
