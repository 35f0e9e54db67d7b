//! Tap Payments: `hashstring`, hexadecimal HMAC-SHA256 of some members of the body with the account's secret key. Members that
//! are not signed are not proved by it. <https://developers.tap.company/docs/webhook>

use jackfield_connected_apps::Secret;
use serde_json::Value;

use super::{Refusal, Signed, header, mac};

const HEADER: &str = "hashstring";

/// Currencies whose amounts have three decimals (ISO 4217); those of all others that Tap takes have two.
const THREE_DECIMALS: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

pub(super) fn verify(secrets: &[Secret], request: &Signed<'_>) -> Result<(), Refusal> {
    let signature = mac::from_hex(header::text(request.headers, HEADER)?, HEADER)?;
    let body = serde_json::from_slice(request.body)
        .map_err(|_| Refusal::Malformed("the signed body".to_owned()))?;
    mac::check_sha256(secrets, &[content(&body).as_bytes()], &[signature])
}

/// What is signed. A member that is absent is signed as an empty text.
fn content(body: &Value) -> String {
    let text = |pointer: &str| match body.pointer(pointer) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let currency = text("/currency");
    let decimals = if THREE_DECIMALS.contains(&currency.as_str()) {
        3
    } else {
        2
    };
    let amount = text("/amount");
    let amount = amount
        .parse::<f64>()
        .map_or(amount, |amount| format!("{amount:.decimals$}"));
    format!(
        "x_id{}x_amount{amount}x_currency{currency}x_gateway_reference{}x_payment_reference{}x_status{}x_created{}",
        text("/id"),
        text("/reference/gateway"),
        text("/reference/payment"),
        text("/status"),
        text("/transaction/created"),
    )
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::hmac;
    use serde_json::json;

    use super::*;
    use crate::inbound::verify::example::{Example, secrets};

    fn charge() -> Value {
        json!({
            "id": "chg_TS02A5720231433Qs1w0809820", "object": "charge", "status": "CAPTURED",
            "amount": 1.5, "currency": "KWD", "description": "two rooms",
            "transaction": {"created": "1694521980000"},
            "reference": {"gateway": "123456789012345", "payment": "5720231433098200000"},
        })
    }

    #[test]
    fn signs_the_members_that_the_documentation_names() {
        insta::assert_snapshot!(content(&charge()), @"x_idchg_TS02A5720231433Qs1w0809820x_amount1.500x_currencyKWDx_gateway_reference123456789012345x_payment_reference5720231433098200000x_statusCAPTUREDx_created1694521980000");
    }

    #[test]
    fn accepts_the_charge_and_no_other_amount() {
        let signature = hex::encode(mac::of(
            hmac::HMAC_SHA256,
            b"sk_test_1",
            &[content(&charge()).as_bytes()],
        ));
        let check = |body: &Value| {
            let signed = Example::new(&body.to_string(), 0).header(HEADER, &signature);
            verify(&secrets(&["sk_test_1"]), &signed.signed())
        };
        let mut changed = charge();
        changed["amount"] = json!(15);

        assert_eq!(check(&charge()), Ok(()));
        assert_eq!(check(&changed), Err(Refusal::Mismatch));
        assert_eq!(
            verify(&secrets(&["sk_test_1"]), &Example::new("{}", 0).signed()),
            Err(Refusal::Missing(HEADER.into()))
        );
    }
}
