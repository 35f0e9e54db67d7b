//! <https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/customer>

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::read;
use jackfield_plugin_sdk::{Currency, PhoneNumber};

use super::customer::{self, Customer};
use crate::api::create;
use crate::query::only;

/// Creates a customer.
#[derive(Config, Body)]
#[body(names = "PascalCase")]
pub(super) struct CreateCustomer {
    /// What the customer is called; no other customer, vendor or employee may be called so.
    #[field(min_length = 1, max_length = 500, placeholder = "Ada Lovelace")]
    display_name: String,
    /// The given name.
    #[field(max_length = 100)]
    given_name: Option<String>,
    /// The family name.
    #[field(max_length = 100)]
    family_name: Option<String>,
    /// The company.
    #[field(max_length = 100)]
    company_name: Option<String>,
    /// Invoices go there.
    #[field(
        body = "PrimaryEmailAddr.Address",
        label = "E-mail",
        format = "email",
        placeholder = "ada@example.com",
        max_length = 100
    )]
    email: Option<String>,
    /// The phone number.
    #[field(body = "PrimaryPhone.FreeFormNumber")]
    phone: Option<PhoneNumber>,
    /// The mobile phone's number.
    #[field(body = "Mobile.FreeFormNumber", advanced)]
    mobile: Option<PhoneNumber>,
    /// Where invoices are addressed to.
    #[field(body = "BillAddr")]
    billing_address: Option<Address>,
    /// Where goods go.
    #[field(body = "ShipAddr", advanced)]
    shipping_address: Option<Address>,
    /// What the company has written about the customer.
    #[field(widget = "textarea", advanced, max_length = 2000)]
    notes: Option<String>,
    /// The customer's page.
    #[field(body = "WebAddr.URI", advanced, format = "uri")]
    website: Option<String>,
    /// Whether the customer pays tax.
    #[field(advanced)]
    taxable: Option<bool>,
    /// The customer's currency; the company's unless given.
    #[field(body = "CurrencyRef.value", advanced, placeholder = "EUR")]
    currency: Option<Currency>,
    /// The customer that this one, or a job, belongs to: an id, display name or e-mail address.
    #[field(skip, advanced, options = "customers")]
    parent: Option<String>,
    /// What happens when a customer is called so already.
    #[field(skip, default = Existing::Fail)]
    existing: Existing,
}

/// An address.
#[derive(Config, Body)]
#[body(names = "PascalCase")]
struct Address {
    /// The street and the number.
    #[field(label = "Street")]
    line1: Option<String>,
    /// What else there is of it.
    #[field(label = "Street, second line")]
    line2: Option<String>,
    /// The city.
    city: Option<String>,
    /// The state, province or county.
    #[field(body = "CountrySubDivisionCode", placeholder = "CA")]
    state: Option<String>,
    /// The postal code.
    postal_code: Option<String>,
    /// The country.
    country: Option<String>,
}

/// What happens when a customer is called so already.
#[derive(Config, PartialEq)]
enum Existing {
    /// The step fails.
    Fail,
    /// That customer leaves the node, unchanged.
    #[field(label = "Take that one")]
    Take,
}

impl Operation for CreateCustomer {
    const NAME: &'static str = "create_customer";
    type Output = Whole<Customer>;

    async fn run(self, context: Context) -> Result<Self::Output> {
        let mut body = json!(self);
        if let Some(parent) = &self.parent {
            let id = customer::id(&context, parent).await?;
            body["ParentRef"] = json!({"value": id});
            body["Job"] = true.into();
        }
        match create(&context, "Customer", &body).await {
            Err(error) if error.code == "ERROR_6240" && self.existing == Existing::Take => {
                // The name may be a vendor's; what QuickBooks has said is then the better answer.
                let found = only(&context, "Customer", "DisplayName", &self.display_name).await;
                match found {
                    Err(missing) if missing.code == "CUSTOMER_NOT_FOUND" => Err(error),
                    found => read(found?),
                }
            }
            created => created,
        }
    }
}
