//! Somebody whose API needs credentials, and what a plugin can do with a connected app of theirs.

mod credential;
mod inbound;
mod resource;

use jackfield_plugin_abi::messages::{
    CREDENTIAL_TEST, Injection, ProviderManifest, RESOURCE_LIST, RESOURCE_VERIFY, SchemeManifest,
    WEBHOOK_RECEIVE,
};
use schemars::JsonSchema;

use crate::call::Start;
use crate::schema_of;
use crate::trigger::receive;

pub use credential::CredentialTest;
pub use inbound::{HostWebhook, ProviderWebhook};
pub use resource::ResourceType;

/// Somebody whose API needs credentials. A connected app holds them; the host puts them on requests that name them with
/// [`Request::credential`](crate::Request::credential).
///
/// ```
/// use jackfield_plugin_sdk::prelude::*;
/// use jackfield_plugin_sdk::Injection;
///
/// #[derive(Config)]
/// struct SecretKey {
///     /// Starts with `sk_`.
///     #[field(secret, placeholder = "sk_live_…")]
///     secret_key: String,
/// }
///
/// let provider = Provider::new("stripe", "Stripe")
///     .hosts(["api.stripe.com"])
///     .scheme::<SecretKey>("secret_key", "Secret key", [Injection::header("Authorization", "Bearer {secretKey}")]);
/// ```
pub struct Provider(ProviderManifest, Vec<ProviderStart>);

/// An operation of a provider: its name, what of several things of a kind it is about, and how it begins.
pub(crate) type ProviderStart = (&'static str, String, Start);

impl Provider {
    /// A provider that connected apps call `name` and people call `title`.
    pub fn new(name: &str, title: &str) -> Self {
        let manifest = ProviderManifest {
            name: name.to_owned(),
            title: title.to_owned(),
            ..ProviderManifest::default()
        };
        Self(manifest, Vec::new())
    }

    /// What it is, in one or two sentences.
    #[must_use]
    pub fn description(mut self, description: &str) -> Self {
        description.clone_into(&mut self.0.description);
        self
    }

    /// The hosts that credentials may be sent to: names, `*.example.com`, or `*` for any.
    #[must_use]
    pub fn hosts<'a>(mut self, hosts: impl IntoIterator<Item = &'a str>) -> Self {
        self.0.hosts.extend(hosts.into_iter().map(str::to_owned));
        self
    }

    /// Adds a way to authenticate: the credentials are a `T`, and `injection` says what the host does to a request.
    #[must_use]
    pub fn scheme<T: JsonSchema>(
        mut self,
        scheme: &str,
        title: &str,
        injection: impl IntoIterator<Item = Injection>,
    ) -> Self {
        self.0.schemes.push(SchemeManifest {
            scheme: scheme.to_owned(),
            title: title.to_owned(),
            schema: schema_of::<T>(),
            injection: injection.into_iter().collect(),
        });
        self
    }

    /// Its icon, the text of an SVG, commonly `include_str!("icon.svg")`.
    #[must_use]
    pub fn icon(mut self, svg: &str) -> Self {
        self.0.icon = Some(svg.to_owned());
        self
    }

    /// Adds a test of the credential.
    #[must_use]
    pub fn test<T: CredentialTest>(mut self) -> Self {
        self.0.credential_test = true;
        self.1.push((
            CREDENTIAL_TEST,
            String::new(),
            Box::new(credential::start::<T>),
        ));
        self
    }

    /// Adds a kind of thing that an account has and nodes refer to.
    #[must_use]
    pub fn resource<R: ResourceType>(mut self) -> Self {
        self.0.resources.push(resource::manifest::<R>());
        if R::LISTS {
            self.1.push((
                RESOURCE_LIST,
                R::TYPE.to_owned(),
                Box::new(resource::start_list::<R>),
            ));
        }
        if R::VERIFIES {
            self.1.push((
                RESOURCE_VERIFY,
                R::TYPE.to_owned(),
                Box::new(resource::start_verify::<R>),
            ));
        }
        self
    }

    /// Adds what the provider sends on its own.
    #[must_use]
    pub fn webhook<W: ProviderWebhook>(mut self) -> Self {
        self.0.webhook = Some(inbound::manifest::<W>());
        let start: Start = Box::new(|opened| receive(opened, W::receive));
        self.1.push((WEBHOOK_RECEIVE, String::new(), start));
        self
    }

    /// Adds what the provider sends on its own, where the host checks who sent it.
    #[must_use]
    pub fn host_webhook(mut self, webhook: &HostWebhook<'_>) -> Self {
        self.0.webhook = Some(webhook.manifest());
        self
    }

    pub(crate) fn into_parts(self) -> (ProviderManifest, Vec<ProviderStart>) {
        (self.0, self.1)
    }
}
