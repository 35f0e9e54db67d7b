//! What is sent, in the order of Authorize.net's schema, which it reads by:
//! <https://api.authorize.net/xml/v1/schema/AnetApiSchema.xsd>.

use jackfield_plugin_sdk::prelude::*;

/// A request.
#[derive(Serialize)]
#[serde(rename_all_fields = "camelCase")]
pub(crate) enum Body {
    #[serde(rename = "authenticateTestRequest")]
    AuthenticateTest { merchant_authentication: Merchant },
    #[serde(rename = "createTransactionRequest")]
    CreateTransaction {
        merchant_authentication: Merchant,
        #[serde(skip_serializing_if = "Option::is_none")]
        ref_id: Option<String>,
        transaction_request: Box<Transaction>,
    },
}

/// Whose account it is. It has no `Debug`, so that it is not logged by accident.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Merchant {
    pub(crate) name: String,
    pub(crate) transaction_key: String,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Transaction {
    pub(crate) transaction_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) amount: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) currency_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) payment: Option<Payment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) profile: Option<Profile>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ref_trans_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) order: Option<Order>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) po_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) customer: Option<Customer>,
    #[serde(rename = "customerIP", skip_serializing_if = "Option::is_none")]
    pub(crate) customer_ip: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) transaction_settings: Option<Settings>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user_fields: Option<UserFields>,
}

/// What is charged, or where a refund goes. Never a card's number.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Payment {
    #[serde(rename_all = "camelCase")]
    OpaqueData {
        data_descriptor: String,
        data_value: String,
    },
    #[serde(rename_all = "camelCase")]
    CreditCard {
        /// The last four digits.
        card_number: String,
        expiration_date: &'static str,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Profile {
    customer_profile_id: String,
    payment_profile: PaymentProfile,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PaymentProfile {
    payment_profile_id: String,
}

impl Profile {
    pub(crate) fn new(customer: String, payment: String) -> Self {
        Self {
            customer_profile_id: customer,
            payment_profile: PaymentProfile {
                payment_profile_id: payment,
            },
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Order {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) invoice_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Customer {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct Settings {
    pub(crate) setting: Vec<Setting>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Setting {
    pub(crate) setting_name: &'static str,
    pub(crate) setting_value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserFields {
    pub(crate) user_field: Vec<UserField>,
}

#[derive(Serialize)]
pub(crate) struct UserField {
    pub(crate) name: String,
    pub(crate) value: String,
}
