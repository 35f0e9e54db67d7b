//! <https://mailchimp.com/developer/marketing/api/list-member-tags/add-or-remove-member-tags/>

use jackfield_plugin_sdk::code;
use jackfield_plugin_sdk::prelude::*;

use super::member::{Member, Tagging};

/// Tags somebody of an audience, and takes tags away.
#[derive(Config)]
#[config(label = "Add tags")]
pub(super) struct AddTags {
    /// Which audience, by its id.
    #[field(options = "audiences", placeholder = "a1b2c3d4e5", min_length = 1)]
    audience: String,
    /// Who, by e-mail address.
    #[field(
        label = "E-mail",
        placeholder = "ada@example.com",
        format = "email",
        min_length = 3
    )]
    email: String,
    /// Tags that they get. Those that the audience does not have yet are made.
    #[field(default, options = "tags", depends_on(audience), example = json!(["New customer"]))]
    tags: Vec<String>,
    /// Tags that are taken away.
    #[field(default, options = "tags", depends_on(audience), example = json!(["Lead"]))]
    remove: Vec<String>,
    /// Whether automations of Mailchimp's may start with the tags.
    #[field(advanced, default = true)]
    start_automations: bool,
}

/// What was done.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Tagged {
    /// Who.
    email: String,
    /// Tags that they have now.
    added: Vec<String>,
    /// Tags that they have no more.
    removed: Vec<String>,
}

impl Operation for AddTags {
    const NAME: &'static str = "add_tags";
    type Output = Tagged;

    async fn run(self, context: Context) -> Result<Tagged> {
        if self.tags.is_empty() && self.remove.is_empty() {
            let message = "tags is missing: say which tags somebody gets, or with remove which are taken away.";
            return Err(Error::new(code::INVALID_CONFIG, message));
        }
        let member = Member::of(&context, &self.audience, &self.email).await?;
        let tags = Tagging {
            add: &self.tags,
            remove: &self.remove,
            starts_nothing: !self.start_automations,
        };
        member.tag(&tags).await?;
        Ok(Tagged {
            email: self.email.trim().to_owned(),
            added: self.tags,
            removed: self.remove,
        })
    }
}
