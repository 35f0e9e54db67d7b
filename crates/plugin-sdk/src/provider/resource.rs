use std::future::Future;

use jackfield_plugin_abi::messages::{
    CallError, ResourceManifest, ResourceQuery, ResourceRef, ResourceVerified, Resources, code,
};

use crate::call::{Opened, Work, answer};
use crate::{Context, Result};

/// A kind of thing that an account has and nodes refer to: sender addresses, phone numbers, webhook endpoints, models.
///
/// ```
/// use jackfield_plugin_sdk::prelude::*;
/// use jackfield_plugin_sdk::{Resource, ResourceQuery, ResourceRef, ResourceStatus, ResourceType, ResourceVerified, Resources};
///
/// struct SenderAddresses;
///
/// fn status(sender: &Value) -> ResourceStatus {
///     if sender["Confirmed"] == true { ResourceStatus::Verified } else { ResourceStatus::Pending }
/// }
///
/// impl ResourceType for SenderAddresses {
///     const TYPE: &'static str = "sender_email";
///     const NAME: &'static str = "Sender address";
///     const DESCRIPTION: &'static str = "An address that mail is sent from.";
///     const FORMAT: Option<&'static str> = Some("email");
///     const VERIFIES: bool = true;
///
///     async fn list(context: Context, query: ResourceQuery) -> Result<Resources> {
///         let offset = query.cursor.unwrap_or_else(|| "0".to_owned());
///         let request = context.http().get("https://api.postmarkapp.com/senders").query("offset", &offset).query("count", "50");
///         let answer: Value = request.credential("default").send().await?.success()?.json()?;
///         let senders = answer["SenderSignatures"].as_array().into_iter().flatten().map(|sender| Resource {
///             value: sender["EmailAddress"].as_str().unwrap_or_default().to_owned(),
///             label: sender["Name"].as_str().unwrap_or_default().to_owned(),
///             status: status(sender),
///             is_default: false,
///         });
///         Ok(Resources { resources: senders.collect(), cursor: None })
///     }
///
///     async fn verify(context: Context, sender: ResourceRef) -> Result<ResourceVerified> {
///         let all = Self::list(context, ResourceQuery::default()).await?.resources;
///         let status = all.iter().find(|known| known.value == sender.value).map(|known| known.status);
///         let message = status.is_none().then(|| "Add the address at Postmark first.".to_owned());
///         Ok(ResourceVerified { status: status.unwrap_or(ResourceStatus::Failed), message })
///     }
/// }
///
/// # fn provider() -> Provider {
/// Provider::new("postmark", "Postmark").hosts(["api.postmarkapp.com"]).resource::<SenderAddresses>()
/// # }
/// # use jackfield_plugin_sdk::testing::{self, Reply};
/// # let stage = || testing::plugin(Plugin::new("postmark", "1.0.0").provider(provider()));
/// # let reply = || Reply::json(200, &json!({"SenderSignatures": [{"EmailAddress": "a@b.c", "Name": "A", "Confirmed": true}]}));
/// # let listed = stage().resources("postmark", "sender_email").reply(reply()).run();
/// # assert_eq!(listed.output(), json!({"resources": [{"value": "a@b.c", "label": "A", "status": "VERIFIED"}]}));
/// # let verified = stage().verify_resource("postmark", "sender_email", "x@b.c").reply(reply()).run();
/// # assert_eq!(verified.output()["status"], "FAILED");
/// ```
pub trait ResourceType: Send + 'static {
    /// What operations call it: lower case letters, digits, hyphens and underscores, unique in the provider.
    const TYPE: &'static str;
    /// What people call one of it.
    const NAME: &'static str;
    /// What it is, in a sentence or two.
    const DESCRIPTION: &'static str = "";
    /// The channel that messages are sent on from it, so that message templates can name one as their sender: `email` or `sms`.
    const CHANNEL: Option<&'static str> = None;
    /// Most of them that a connected app may hold.
    const MAX: Option<u32> = None;
    /// What its values look like, so that a host can refuse others: `email`, `e164` or `https-url`.
    const FORMAT: Option<&'static str> = None;
    /// A regular expression that its values match, as JSON Schema's `pattern`.
    const PATTERN: Option<&'static str> = None;
    /// Whether [`list`](Self::list) is there.
    const LISTS: bool = true;
    /// Whether [`verify`](Self::verify) is there.
    const VERIFIES: bool = false;

    /// Lists one page of what the account has.
    fn list(
        context: Context,
        query: ResourceQuery,
    ) -> impl Future<Output = Result<Resources>> + Send {
        let _ = (context, query);
        async { Err(absent(Self::TYPE, "listed")) }
    }

    /// Asks the provider whether one may be used.
    fn verify(
        context: Context,
        resource: ResourceRef,
    ) -> impl Future<Output = Result<ResourceVerified>> + Send {
        let _ = (context, resource);
        async { Err(absent(Self::TYPE, "verified")) }
    }
}

fn absent(resource_type: &str, what: &str) -> CallError {
    CallError::new(
        code::UNSUPPORTED,
        format!("Resources of the type {resource_type} cannot be {what}."),
    )
}

pub(super) fn manifest<R: ResourceType>() -> ResourceManifest {
    ResourceManifest {
        resource_type: R::TYPE.to_owned(),
        name: R::NAME.to_owned(),
        description: R::DESCRIPTION.to_owned(),
        channel: R::CHANNEL.map(str::to_owned),
        max: R::MAX,
        format: R::FORMAT.map(str::to_owned),
        pattern: R::PATTERN.map(str::to_owned),
        list: R::LISTS,
        verify: R::VERIFIES,
    }
}

pub(super) fn start_list<R: ResourceType>(opened: &Opened<'_>) -> Result<Work> {
    Ok(answer(R::list(opened.context.clone(), opened.arguments()?)))
}

pub(super) fn start_verify<R: ResourceType>(opened: &Opened<'_>) -> Result<Work> {
    Ok(answer(R::verify(
        opened.context.clone(),
        opened.arguments()?,
    )))
}
