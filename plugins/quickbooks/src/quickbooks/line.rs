//! The lines of an invoice.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{Amount, Currency, try_join_all};

use super::number::{money, number, product};
use crate::api::invalid;
use crate::query::id_of;

/// What is invoiced.
#[derive(Config)]
pub(super) struct LineItem {
    /// The product or service, by its id or name. QuickBooks takes its own unless given.
    #[field(options = "items", placeholder = "Spring clean")]
    item: Option<String>,
    /// What the customer reads. A line with nothing else is a remark.
    #[field(placeholder = "3 rooms, {{ trigger.body.date }}")]
    description: Option<String>,
    /// How many; one unless given.
    #[field(example = 2)]
    quantity: Option<Amount>,
    /// What one costs.
    #[field(example = 50)]
    unit_price: Option<Amount>,
    /// What they cost together; quantity by price unless given.
    #[field(example = 100)]
    amount: Option<Amount>,
    /// By which tax code: `TAX` or `NON` in the USA, elsewhere an id.
    #[field(options = "tax_codes")]
    tax_code: Option<String>,
    /// The day on which it was done.
    #[field(format = "date", placeholder = "2026-12-01")]
    service_date: Option<String>,
}

/// The lines as QuickBooks has them.
pub(super) async fn written(
    context: &Context,
    lines: &[LineItem],
    currency: Option<&Currency>,
) -> Result<Vec<Value>> {
    let written = lines.iter().map(|line| line.written(context, currency));
    try_join_all(written).await
}

impl LineItem {
    async fn written(&self, context: &Context, currency: Option<&Currency>) -> Result<Value> {
        let Some(amount) = self.amount(currency)? else {
            return self.remark();
        };
        let mut detail = json!({});
        if let Some(item) = &self.item {
            let id = id_of(context, "Item", "Name", item).await?;
            detail["ItemRef"] = json!({"value": id});
        }
        for (name, amount) in [("Qty", &self.quantity), ("UnitPrice", &self.unit_price)] {
            if let Some(amount) = amount {
                detail[name] = number(amount)?.into();
            }
        }
        if let Some(code) = &self.tax_code {
            detail["TaxCodeRef"] = json!({"value": code});
        }
        if let Some(date) = &self.service_date {
            detail["ServiceDate"] = date.as_str().into();
        }
        let mut line = json!({
            "Amount": money("amount", &amount, currency)?, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail,
        });
        if let Some(description) = &self.description {
            line["Description"] = description.as_str().into();
        }
        Ok(line)
    }

    /// What the line costs; nothing where it only says something.
    fn amount(&self, currency: Option<&Currency>) -> Result<Option<Amount>> {
        let one = Amount::of_units(1, 0);
        match (&self.amount, &self.unit_price) {
            (Some(amount), _) => Ok(Some(*amount)),
            (None, Some(price)) => {
                let quantity = self.quantity.as_ref().unwrap_or(&one);
                product(quantity, price, currency).map(Some)
            }
            (None, None) if self.item.is_none() && self.quantity.is_none() => Ok(None),
            (None, None) => Err(invalid(
                "amount of a line is missing: give it, or unitPrice and quantity.",
            )),
        }
    }

    fn remark(&self) -> Result<Value> {
        let description = self.description.as_ref().ok_or_else(|| {
            invalid(
                "a line of the invoice is empty: give it an item with an amount, or a description.",
            )
        })?;
        Ok(
            json!({"Description": description, "DetailType": "DescriptionOnly", "DescriptionLineDetail": {}}),
        )
    }
}

/// A line that takes a percentage off all of the invoice.
pub(super) fn discount(percent: &Amount) -> Result<Value> {
    let detail = json!({"PercentBased": true, "DiscountPercent": number(percent)?});
    Ok(json!({"DetailType": "DiscountLineDetail", "DiscountLineDetail": detail}))
}
