use std::future::Future;

use jackfield_plugin_abi::messages::{CallError, CredentialTested, code};

use crate::call::{Opened, Work, answer};
use crate::{Context, Result};

/// Finds out whether a connected app's credential works, with the cheapest request that needs it.
///
/// Return who the account is. An answer of 401 or 403 that [`Response::success`](crate::Response::success) makes an error of
/// is told as a refused credential.
///
/// ```
/// use jackfield_plugin_sdk::prelude::*;
/// use jackfield_plugin_sdk::{CredentialTest, CredentialTested};
///
/// struct Balance;
///
/// impl CredentialTest for Balance {
///     async fn test(context: Context) -> Result<CredentialTested> {
///         let request = context.http().get("https://api.stripe.com/v1/balance").credential("default");
///         let balance: Value = request.send().await?.success()?.json()?;
///         let mode = if balance["livemode"] == true { "live" } else { "test" };
///         Ok(CredentialTested { account: Some(format!("Stripe ({mode} mode)")), details: None })
///     }
/// }
///
/// # fn provider() -> Provider {
/// Provider::new("stripe", "Stripe").hosts(["api.stripe.com"]).test::<Balance>()
/// # }
/// # use jackfield_plugin_sdk::testing::{self, Reply};
/// # let test = |reply| testing::plugin(Plugin::new("stripe", "1.0.0").provider(provider())).credential_test("stripe").reply(reply).run();
/// # assert_eq!(test(Reply::json(200, &json!({"livemode": false}))).output(), json!({"account": "Stripe (test mode)"}));
/// # assert_eq!(test(Reply::new(401)).error().code, "CREDENTIAL");
/// ```
pub trait CredentialTest: Send + 'static {
    /// Tests the credential in the slot `default`.
    fn test(context: Context) -> impl Future<Output = Result<CredentialTested>> + Send;
}

pub(super) fn start<T: CredentialTest>(opened: &Opened<'_>) -> Result<Work> {
    let tested = T::test(opened.context.clone());
    Ok(answer(async move { tested.await.map_err(refused) }))
}

fn refused(mut error: CallError) -> CallError {
    if matches!(error.code.as_str(), "HTTP_401" | "HTTP_403") {
        code::CREDENTIAL.clone_into(&mut error.code);
        error.message = format!("The credential was refused: {}", error.message);
    }
    error
}
