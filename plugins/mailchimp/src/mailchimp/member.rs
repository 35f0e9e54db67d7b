use jackfield_plugin_sdk::Request;
use jackfield_plugin_sdk::code;
use jackfield_plugin_sdk::prelude::*;
use md5::{Digest, Md5};

use crate::account::Account;

/// Somebody of an audience, by what Mailchimp calls them: the MD5 of their address in small letters.
pub(super) struct Member<'a> {
    account: Account,
    context: &'a Context,
    path: String,
}

impl<'a> Member<'a> {
    pub(super) async fn of(context: &'a Context, audience: &str, email: &str) -> Result<Self> {
        let hash = hex::encode(Md5::digest(email.trim().to_lowercase()));
        let audience = checked("audience", audience)?;
        Ok(Self {
            account: Account::of(context).await?,
            context,
            path: format!("/lists/{audience}/members/{hash}"),
        })
    }

    /// A request about them. Each of those says how they shall be, so it may come any number of times.
    pub(super) fn request(&self, method: &str, below: &str) -> Result<Request> {
        let path = format!("{}{below}", self.path);
        let request = self.account.request(self.context, method, &path)?;
        Ok(request.repeatable())
    }

    pub(super) async fn send(&self, request: Request) -> Result<Value> {
        self.account.send(request).await
    }

    /// Adds and removes tags.
    pub(super) async fn tag(&self, tags: &Tagging<'_>) -> Result<()> {
        let named = |names: &[String], status: &str| -> Vec<Value> {
            let one = |name: &String| json!({"name": name, "status": status});
            names.iter().map(one).collect()
        };
        let mut all = named(tags.add, "active");
        all.extend(named(tags.remove, "inactive"));
        let mut body = json!({"tags": all});
        if tags.starts_nothing {
            body["is_syncing"] = true.into();
        }
        self.send(self.request("POST", "/tags")?.json(&body))
            .await?;
        Ok(())
    }
}

/// What becomes of somebody's tags.
#[derive(Default)]
pub(super) struct Tagging<'a> {
    pub(super) add: &'a [String],
    pub(super) remove: &'a [String],
    /// No automation of Mailchimp's starts with them.
    pub(super) starts_nothing: bool,
}

/// An id of Mailchimp's, which has to stay within its segment of the path.
pub(super) fn checked<'a>(field: &str, id: &'a str) -> Result<&'a str> {
    let id = id.trim();
    let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match is_id {
        true => Ok(id),
        false => Err(Error::new(
            code::INVALID_CONFIG,
            format!(
                "{field} is no id of Mailchimp's: it has letters and digits, such as a1b2c3d4e5."
            ),
        )),
    }
}
