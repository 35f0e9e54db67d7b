//! Connected apps: credentials for a provider that nobody has to paste into a workflow.
//!
//! Credentials are sealed ([`Sealer`]) and write-only: what was connected can be used, replaced and removed, never read
//! back. A step uses an app through [`StepServices`], which the plugin host asks to put the credential on a request; the
//! plugin itself never sees it.

mod app;
pub mod code;
mod credential_use;
mod credentials;
mod echo;
mod grant;
mod hook_secrets;
mod hosts;
mod injection;
mod rate_limit;
mod resource;
mod sealer;
mod secret;
mod services;
mod settings;
mod token;

pub use app::{AppError, ConnectedApps, NewApp, STATUS_EVENTS, UpdateApp, Use, no_default};
pub use credential_use::{Account, Tally, use_of};
pub use echo::Echoes;
pub use grant::{Callback, Completed, OAuthError, StartedOAuth};
pub use hook_secrets::{HookSecrets, InvalidHookSecret};
pub use rate_limit::{GivenRateLimit, Later, RateLimit, retry_after};
pub use resource::{
    Imported, NewResource, Resolved, ResourceWarning, Sender, UpdateResource, WantedSender,
};
pub use sealer::{
    MASTER_KEY_FILE, MasterKey, MasterKeyError, Resealed, SealError, Sealer, Subject,
};
pub use secret::Secret;
pub use services::{AppChoice, StepServices};
pub use token::{Client, ClientProof, TokenError, TokenRequest, Tokens};
