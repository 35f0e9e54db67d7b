//! Who pays: <https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/customer>.

use jackfield_plugin_sdk::prelude::*;

use crate::api::Reference;
use crate::query::id_of;

/// The id of the customer that goes by this id, e-mail address or display name.
pub(super) async fn id(context: &Context, given: &str) -> Result<String> {
    let field = match given.contains('@') {
        true => "PrimaryEmailAddr",
        false => "DisplayName",
    };
    id_of(context, "Customer", field, given).await
}

/// A customer. QuickBooks' answer has more members.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Customer {
    /// By which invoices and payments refer to it.
    id: String,
    /// What it is called; no other customer, vendor or employee is called so.
    display_name: String,
    /// The e-mail address.
    #[serde(default)]
    primary_email_addr: Option<Address>,
    /// What the customer owes.
    #[serde(default)]
    balance: Option<f64>,
    /// The customer's currency.
    #[serde(default)]
    currency_ref: Option<Reference>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
struct Address {
    /// The address itself.
    #[serde(default)]
    address: Option<String>,
}
