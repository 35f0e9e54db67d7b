//! Checks: on paper by Lob, <https://docs.lob.com/#tag/Checks/operation/check_create>; by e-mail by Checkbook,
//! <https://docs.checkbook.io/reference/post-check-digital>. Both pay once for each `Idempotency-Key`.

use jackfield_plugin_sdk::Money;
use jackfield_plugin_sdk::prelude::*;

use super::Payout;
use crate::money::dollars;
use crate::service::{Service, invalid, settings};

pub(super) async fn on_paper(payout: &Payout, context: &Context, money: &Money) -> Result<Value> {
    let settings = settings(context)?;
    let given = |own: &Option<String>, usual: Option<String>, name: &str| {
        own.clone().or(usual).filter(|id| !id.trim().is_empty()).ok_or_else(|| {
            invalid(format!(
                "{name} is missing: give it in the node, or in the settings of the connected app."
            ))
        })
    };
    let mut body = json!({
        "bank_account": given(&payout.bank_account, settings.bank_account, "bankAccount")?,
        "from": given(&payout.from, settings.from, "from")?,
        "to": addressed(payout)?, "amount": dollars(money)?, "use_type": "operational",
    });
    for (name, value) in [
        ("description", json!(payout.description)),
        ("memo", json!(payout.memo)),
        ("message", json!(payout.message)),
        ("check_number", json!(payout.check_number)),
        ("metadata", json!(payout.metadata)),
    ] {
        if !value.is_null() {
            body[name] = value;
        }
    }
    let api = Service::Lob.api();
    let request = api.request(context, "POST", "/v1/checks")?;
    api.send(request.idempotent().json(&body)).await
}

/// Where the check goes: an address that Lob knows, or one that it is told.
fn addressed(payout: &Payout) -> Result<Value> {
    let recipient = payout.recipient.trim();
    if recipient.starts_with("adr_") {
        return Ok(recipient.into());
    }
    let address = payout.address.as_ref().ok_or_else(|| {
        invalid("address is missing: Lob sends the check there. Or make the recipient Lob's id of an address (adr_…).")
    })?;
    let mut to = json!(address);
    to["name"] = payout.name.as_deref().unwrap_or(recipient).into();
    Ok(to)
}

pub(super) async fn by_email(payout: &Payout, context: &Context, money: &Money) -> Result<Value> {
    let recipient = payout.recipient.trim();
    if !recipient.contains('@') {
        return Err(invalid(
            "recipient is no e-mail address: Checkbook sends the check to one.",
        ));
    }
    let name = payout
        .name
        .as_ref()
        .ok_or_else(|| invalid("name is missing: it says whom the check is made out to."))?;
    let mut body = json!({"recipient": recipient, "name": name, "amount": dollars(money)?});
    if let Some(memo) = payout.memo.as_ref().or(payout.description.as_ref()) {
        body["description"] = memo.as_str().into();
    }
    if let Some(number) = payout.check_number {
        body["number"] = number.to_string().into();
    }
    let api = Service::Checkbook.api();
    let request = api.request(context, "POST", "/v3/check/digital")?;
    api.send(request.idempotent().json(&body)).await
}
