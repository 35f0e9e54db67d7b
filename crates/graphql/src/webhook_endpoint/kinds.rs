use async_graphql::Enum;
use jackfield_storage::webhook_endpoint;

/// How what is sent to an endpoint is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "webhook_endpoint::Algorithm")]
pub enum SignatureAlgorithm {
    /// HMAC-SHA256 with a secret that begins with `whsec_`; signatures begin with `v1,`.
    #[graphql(name = "HMAC_SHA256")]
    HmacSha256,
    /// Ed25519. The receiver checks with a public key that begins with `whpk_`; signatures begin with `v1a,`.
    #[graphql(name = "ED25519")]
    Ed25519,
}

/// What the headers of the signature are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "webhook_endpoint::HeaderStyle")]
pub enum SignatureHeaders {
    /// `webhook-id`, `webhook-timestamp` and `webhook-signature`, as Standard Webhooks has them.
    Webhook,
    /// `svix-id`, `svix-timestamp` and `svix-signature`, for receivers that were written for Svix.
    Svix,
}

/// In which order an endpoint gets its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "webhook_endpoint::Ordering")]
pub enum DeliveryOrdering {
    /// Several at a time, each as soon as possible.
    Parallel,
    /// One after the other, in the order in which they were stored: an event is sent when the one before it has arrived or was
    /// given up.
    Strict,
}
