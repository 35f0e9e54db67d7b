use async_graphql::Enum;
use jackfield_storage::resource;

/// Whether a provider lets a resource be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "resource::ResourceStatus")]
pub enum VerificationStatus {
    /// It does.
    Verified,
    /// It has not decided yet, or could not be asked.
    Pending,
    /// It does not.
    Unverified,
}
