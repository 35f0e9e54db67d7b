use jackfield_plugin_abi::messages::{Injection, ProviderManifest, SchemeManifest};
use schemars::JsonSchema;

use crate::schema_of;

/// Somebody whose API needs credentials. A connected app holds them; the host puts them on requests that name them with
/// [`Request::credential`](crate::Request::credential).
///
/// ```
/// use jackfield_plugin_sdk::prelude::*;
/// use jackfield_plugin_sdk::Injection;
///
/// #[derive(Deserialize, JsonSchema)]
/// #[serde(rename_all = "camelCase")]
/// struct SecretKey {
///     /// Starts with `sk_`.
///     #[schemars(title = "Secret key", extend("writeOnly" = true))]
///     secret_key: String,
/// }
///
/// let provider = Provider::new("stripe", "Stripe")
///     .hosts(["api.stripe.com"])
///     .scheme::<SecretKey>("secret_key", "Secret key", [Injection::header("Authorization", "Bearer {secretKey}")]);
/// ```
#[derive(Clone, Debug)]
pub struct Provider(ProviderManifest);

impl Provider {
    /// A provider that connected apps call `name` and people call `title`.
    pub fn new(name: &str, title: &str) -> Self {
        Self(ProviderManifest {
            name: name.to_owned(),
            title: title.to_owned(),
            ..ProviderManifest::default()
        })
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
}

impl From<Provider> for ProviderManifest {
    fn from(provider: Provider) -> Self {
        provider.0
    }
}
