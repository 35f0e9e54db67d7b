use async_graphql::SimpleObject;
use serde::Deserialize;

/// Something that a step did otherwise than its config says.
#[derive(SimpleObject, Deserialize)]
pub struct StepWarning {
    /// What it is; stable, such as `RESOURCE_REPLACED`.
    code: String,
    /// A sentence for people.
    message: String,
}
