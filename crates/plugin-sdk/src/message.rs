use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A message that the host has made of a message template, with all values in it.
///
/// It is what a field with `#[field(message_template = "email")]` or `"sms"` holds, as `Option<Message>`: a person names a template
/// by its id, and the host puts the message in its place before the plugin is called. Fields beside it that are called `subject`,
/// `html_body` and `text_body` are filled from it where they are absent, and so is one with a `resource` that messages of the
/// channel are sent from. So an operation that has such fields need not look into the message at all.
///
/// ```
/// use jackfield_plugin_sdk::prelude::*;
/// use jackfield_plugin_sdk::Message;
///
/// #[derive(Config)]
/// struct SendSms {
///     /// Says what the message says.
///     #[field(message_template = "sms")]
///     template: Option<Message>,
///     /// What the message says.
///     text_body: String,
/// }
/// # let schema = jackfield_plugin_sdk::schema_of::<SendSms>();
/// # assert_eq!(schema["properties"]["template"]["x-jackfield"], json!({"messageTemplate": "sms"}));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Of a mail; one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Of a mail, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html_body: Option<String>,
    /// Of a text message; of a mail, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_body: Option<String>,
    /// What it is sent from, such as an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
}
