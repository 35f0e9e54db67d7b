//! The node `quickbooks`.

mod create_customer;
mod create_invoice;
mod customer;
mod line;
mod number;
mod options;
mod record_payment;
mod sync;

use jackfield_plugin_sdk::prelude::*;

pub(crate) fn operations() -> Operations {
    let about = About::new("QuickBooks")
        .description("Creates invoices and customers, records payments, and reads what has changed in QuickBooks Online.")
        .icon("receipt")
        .provider("quickbooks")
        .input("data-in", "What is invoiced or paid, and by whom.")
        .output("data-out", "The invoice, payment, customer or changes, as QuickBooks has them.")
        .output("error", "Why nothing was done.")
        .documentation(include_str!("quickbooks/documentation.md"))
        .examples(include_str!("quickbooks/examples.json"))
        .options::<options::Customers>()
        .options::<options::Items>()
        .options::<options::OpenInvoices>()
        .options::<options::PaymentMethods>()
        .options::<options::Accounts>()
        .options::<options::Terms>()
        .options::<options::TaxCodes>();
    Operations::new("quickbooks", about)
        .operation::<create_invoice::CreateInvoice>()
        .operation::<record_payment::RecordPayment>()
        .operation::<create_customer::CreateCustomer>()
        .operation::<sync::Sync>()
}

#[cfg(test)]
mod tests;
