//! <https://mailchimp.com/developer/marketing/api/list-members/add-or-update-list-member/>

use std::collections::BTreeMap;

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::read;

use super::member::{Member, Tagging};

/// Adds somebody to an audience, or changes what it has of them.
#[derive(Config, Body)]
#[config(label = "Add or update a member")]
pub(super) struct UpsertMember {
    /// Which audience, by its id.
    #[field(
        skip,
        options = "audiences",
        placeholder = "a1b2c3d4e5",
        min_length = 1
    )]
    audience: String,
    /// Who, by e-mail address.
    #[field(
        body = "email_address",
        label = "E-mail",
        placeholder = "ada@example.com",
        format = "email",
        min_length = 3
    )]
    email: String,
    /// What becomes of somebody who is new. With *pending* Mailchimp asks them whether they want to.
    #[field(default = Status::Subscribed)]
    status_if_new: Status,
    /// What becomes of somebody who is there already; nothing unless given, so that nobody who has left comes back.
    #[field(label = "Status of those who are there")]
    status: Option<Status>,
    /// What else is known of them, by the audience's merge tags.
    #[field(widget = "key-value", example = json!({"BIRTHDAY": "12/10", "POINTS": 7}))]
    merge_fields: Option<BTreeMap<String, Value>>,
    /// The merge field `FNAME`.
    #[field(body = "merge_fields.FNAME", placeholder = "Ada")]
    first_name: Option<String>,
    /// The merge field `LNAME`.
    #[field(body = "merge_fields.LNAME", placeholder = "Lovelace")]
    last_name: Option<String>,
    /// The merge field `PHONE`.
    #[field(body = "merge_fields.PHONE", placeholder = "+15551230000")]
    phone: Option<String>,
    /// Tags that they get.
    #[field(skip, default, options = "tags", depends_on(audience), example = json!(["New customer"]))]
    tags: Vec<String>,
    /// In which language they are written to.
    #[field(advanced, placeholder = "de")]
    language: Option<String>,
    /// Whether they are a VIP.
    #[field(advanced, label = "VIP")]
    vip: Option<bool>,
    /// In which form they get mail.
    #[field(advanced, label = "Mail format")]
    email_type: Option<EmailType>,
    /// Which groups of the audience they are in, by the groups' ids.
    #[field(advanced, label = "Groups", widget = "key-value", example = json!({"9143cf3bd1": true}))]
    interests: Option<BTreeMap<String, bool>>,
    /// What they have allowed, in an audience with GDPR fields.
    #[field(advanced)]
    marketing_permissions: Option<Vec<Permission>>,
    /// Whether merge fields that the audience requires may be missing.
    #[field(skip, advanced, default = false, label = "Skip merge field validation")]
    skip_merge_validation: bool,
}

/// How somebody stands to an audience.
#[derive(Config, Body)]
enum Status {
    /// They get mail.
    Subscribed,
    /// They are asked whether they want to get mail.
    Pending,
    /// They get no mail.
    Unsubscribed,
    /// They get mail of single transactions only.
    Transactional,
    /// Their address does not work.
    Cleaned,
}

/// In which form somebody gets mail.
#[derive(Config, Body)]
enum EmailType {
    /// HTML.
    #[field(label = "HTML")]
    Html,
    /// Plain text.
    Text,
}

/// What somebody has allowed.
#[derive(Config, Body)]
struct Permission {
    /// The id of the GDPR field.
    #[field(body = "marketing_permission_id")]
    id: String,
    /// Whether they have.
    enabled: bool,
}

/// A member of an audience. Mailchimp's answer has more members; its tags are those before the new ones.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Updated {
    /// What Mailchimp calls them: the MD5 of their address.
    id: String,
    /// The address.
    email_address: String,
    /// How they stand to the audience.
    status: String,
}

impl Operation for UpsertMember {
    const NAME: &'static str = "upsert_member";
    type Output = Whole<Updated>;

    async fn run(mut self, context: Context) -> Result<Self::Output> {
        self.email = self.email.trim().to_owned();
        let member = Member::of(&context, &self.audience, &self.email).await?;
        let mut request = member.request("PUT", "")?.json(&self);
        if self.skip_merge_validation {
            request = request.query("skip_merge_validation", "true");
        }
        let updated = read(member.send(request).await?)?;
        if !self.tags.is_empty() {
            let tags = Tagging {
                add: &self.tags,
                ..Tagging::default()
            };
            member.tag(&tags).await?;
        }
        Ok(updated)
    }
}
