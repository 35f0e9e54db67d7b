//! The codes of what can go wrong between a step and its connected app. Stable: they show up in step errors.

/// The app that the node names is not connected, or no longer.
pub const APP_NOT_FOUND: &str = "APP_NOT_FOUND";
/// The app is connected and switched off.
pub const APP_INACTIVE: &str = "APP_INACTIVE";
/// The app is one of another provider than the node's, or no loaded plugin has its provider.
pub const APP_UNSUITABLE: &str = "APP_UNSUITABLE";
/// The credentials cannot be opened or cannot be put on a request.
pub const CREDENTIAL_UNUSABLE: &str = "CREDENTIAL_UNUSABLE";
/// The token endpoint gave no access token.
pub const TOKEN_REFUSED: &str = "TOKEN_REFUSED";
/// Nobody has granted the app access, or not any more.
pub const NOT_GRANTED: &str = "NOT_GRANTED";
/// The app could not be read from the database.
pub const APP_UNREADABLE: &str = "APP_UNREADABLE";
/// The turn of a request comes after the time of its attempt is up.
pub const RATE_LIMITED: &str = "RATE_LIMITED";
/// The run has no such blob.
pub const BLOB_NOT_FOUND: &str = "BLOB_NOT_FOUND";
/// A blob could not be stored or read.
pub const BLOB_UNAVAILABLE: &str = "BLOB_UNAVAILABLE";
/// A config names a resource that is not verified, of another app, or of another type.
pub const RESOURCE_UNUSABLE: &str = "RESOURCE_UNUSABLE";
/// A config or a message template names a resource that is gone, and its type has no default.
pub const RESOURCE_NOT_FOUND: &str = "RESOURCE_NOT_FOUND";
/// A warning: a config or a message template names a resource that cannot be used, and the default of its type was used.
pub const RESOURCE_REPLACED: &str = "RESOURCE_REPLACED";
