use jackfield_plugin_sdk::testing::{self, Ran, Reply};

use super::*;
use crate::tests::as_the_sdk;

fn run(config: Value, replies: impl IntoIterator<Item = Reply>) -> Ran {
    let stage = testing::plugin(crate::plugin())
        .node("quickbooks", config)
        .connected_app("quickbooks", &json!({"realmId": "4711"}));
    replies
        .into_iter()
        .fold(stage, |stage, reply| stage.reply(reply))
        .run()
}

fn with(mut config: Value, more: Value) -> Value {
    for (name, value) in more.as_object().into_iter().flatten() {
        config[name] = value.clone();
    }
    config
}

fn invoice() -> Value {
    json!({"Id": "145", "DocNumber": "INV-1042", "CustomerRef": {"value": "58", "name": "Ada Lovelace"}, "TotalAmt": 129.38, "Balance": 129.38})
}

fn made(entity: &str, thing: &Value) -> Reply {
    let mut answer = json!({"time": "2026-11-28T01:31:25.179-08:00"});
    answer[entity] = thing.clone();
    Reply::json(200, &answer)
}

fn payment() -> Reply {
    made(
        "Payment",
        &json!({"Id": "231", "CustomerRef": {"value": "58"}, "TotalAmt": 129.38, "UnappliedAmt": 0}),
    )
}

fn customer() -> Value {
    json!({"Id": "58", "DisplayName": "Ada Lovelace", "PrimaryEmailAddr": {"Address": "ada@example.com"}, "Balance": 0})
}

fn rows(entity: &str, rows: &[Value]) -> Reply {
    let mut response = json!({"startPosition": 1, "maxResults": rows.len()});
    if !rows.is_empty() {
        response[entity] = json!(rows);
    }
    Reply::json(
        200,
        &json!({"QueryResponse": response, "time": "2026-11-28T01:31:25.179-08:00"}),
    )
}

fn fault(status: u16, code: &str, message: &str, detail: &str) -> Reply {
    let error = json!({"Message": message, "Detail": detail, "code": code, "element": ""});
    let fault = json!({"Error": [error], "type": "ValidationFault"});
    Reply::json(
        status,
        &json!({"Fault": fault, "time": "2026-11-28T01:31:25.179-08:00"}),
    )
}

#[track_caller]
fn sends(names: &[&str], config: Value, replies: impl IntoIterator<Item = Reply>) -> Ran {
    let ran = run(config, replies);
    assert!(ran.result.is_ok(), "{}", ran.error());
    assert_eq!(ran.requests.len(), names.len());
    for (name, request) in names.iter().zip(&ran.requests) {
        as_the_sdk(name, request);
    }
    ran
}

fn little() -> Value {
    json!({"operation": "create_invoice", "customer": "58", "lineItems": [{"item": "1", "amount": 100}]})
}

#[test]
fn an_invoice_is_created_as_the_sdk_creates_it() {
    let ran = sends(
        &["create_invoice_with_little"],
        little(),
        [made("Invoice", &invoice())],
    );
    assert_eq!(ran.output(), invoice());
    let config = json!({
        "operation": "create_invoice", "customer": "58", "number": "INV-1042", "date": "2026-12-01", "dueDate": "2026-12-31",
        "email": "ada@example.com", "message": "Thank you — Müller & Söhne", "note": "Booking bk_1", "terms": "3", "currency": "eur",
        "exchangeRate": "1.08", "tax": "excluded", "allowOnlineCreditCardPayment": true, "allowOnlineBankPayment": false, "discountPercent": 10,
        "otherFields": {"ClassRef": {"value": "7"}},
        "lineItems": [
            {
                "item": "Spring clean", "description": "Spring clean", "quantity": 3.5, "unitPrice": "36.965", "taxCode": "TAX",
                "serviceDate": "2026-11-30",
            },
            {"description": "Windows were not to be cleaned."},
        ],
    });
    let item = rows("Item", &[json!({"Id": "19", "Name": "Spring clean"})]);
    sends(
        &["item_by_name", "create_invoice"],
        config,
        [item, made("Invoice", &invoice())],
    );
}

#[test]
fn an_invoice_is_sent_where_that_is_wanted() {
    let config = with(little(), json!({"email": "ada@example.com", "send": true}));
    let sent = with(invoice(), json!({"EmailStatus": "EmailSent"}));
    let replies = [made("Invoice", &invoice()), made("Invoice", &sent)];
    let ran = run(config, replies);
    assert_eq!(ran.output()["EmailStatus"], "EmailSent");
    // What is sent without a body has no form either, and it is sent once.
    let request = &ran.requests[1];
    assert_eq!(
        request.url,
        "https://quickbooks.api.intuit.com/v3/company/4711/invoice/145/send"
    );
    assert_eq!(
        request.query[1],
        ("sendTo".to_owned(), "ada@example.com".to_owned())
    );
    assert_eq!(
        request.header("content-type"),
        Some("application/octet-stream")
    );
    assert!(request.repeatable && request.text().is_empty());
    assert_ne!(request.query[2], ran.requests[0].query[1]);
    let ran = run(with(little(), json!({"send": true})), []);
    assert_eq!(
        ran.error().to_string(),
        "INVALID_CONFIG: email is missing: it says where the invoice is sent to."
    );
}

#[test]
fn a_line_that_costs_nothing_or_says_nothing_is_not_sent() {
    for (line, message) in [
        (
            json!({}),
            "a line of the invoice is empty: give it an item with an amount, or a description.",
        ),
        (
            json!({"item": "1"}),
            "amount of a line is missing: give it, or unitPrice and quantity.",
        ),
        (
            json!({"item": "1", "amount": "12.345"}),
            "amount is 12.345, which has more than 2 decimals: round it first.",
        ),
    ] {
        let ran = run(with(little(), json!({"lineItems": [line]})), []);
        assert_eq!(ran.error().message, message);
    }
}

#[test]
fn a_customer_is_found_by_name_or_address() {
    let paid = |customer: &str| json!({"operation": "record_payment", "customer": customer, "amount": "129.38"});
    let found = || rows("Customer", &[customer()]);
    sends(
        &["customer_by_name", "record_payment_with_little"],
        paid("Ada's Engines"),
        [found(), payment()],
    );
    sends(
        &["customer_by_email", "record_payment_with_little"],
        paid("ada@example.com"),
        [found(), payment()],
    );
    let ran = run(paid("Ada"), [rows("Customer", &[])]);
    assert_eq!(
        ran.error().to_string(),
        "CUSTOMER_NOT_FOUND: QuickBooks has no customer whose DisplayName is Ada."
    );
    let ran = run(
        paid("ada@example.com"),
        [rows("Customer", &[customer(), json!({"Id": "59"})])],
    );
    assert_eq!(
        ran.error().to_string(),
        "CUSTOMER_AMBIGUOUS: QuickBooks has several of the kind customer whose PrimaryEmailAddr is ada@example.com, such as \"58\" and \
         \"59\": name one by the id."
    );
}

#[test]
fn a_payment_is_recorded_as_the_sdk_records_it() {
    let paid = |more: Value| {
        with(
            json!({"operation": "record_payment", "amount": "129.38"}),
            more,
        )
    };
    sends(
        &["record_payment_with_little"],
        paid(json!({"customer": "58"})),
        [payment()],
    );
    let of_invoice = paid(json!({"customer": "58", "invoice": "145"}));
    let ran = sends(&["record_payment_of_an_invoice"], of_invoice, [payment()]);
    assert_eq!(ran.output()["Id"], "231");
    sends(
        &["invoice", "record_payment_of_an_invoice"],
        paid(json!({"invoice": " 145 "})),
        [made("Invoice", &invoice()), payment()],
    );
    sends(
        &["invoice_by_number", "record_payment_of_an_invoice"],
        paid(json!({"invoiceNumber": "INV-1042"})),
        [rows("Invoice", &[invoice()]), payment()],
    );
    let config = json!({
        "operation": "record_payment", "customer": "58", "amount": 200, "date": "2026-12-02", "method": "4", "depositTo": "35",
        "reference": "pi_1", "note": "Card", "currency": "EUR", "exchangeRate": 1.08,
        "invoices": [{"invoice": "145", "amount": 129.38}, {"invoice": "146", "amount": "70.62"}],
    });
    sends(&["record_payment"], config, [payment()]);
}

#[test]
fn a_payment_of_nobody_or_for_two_things_is_not_sent() {
    let failed = |more: Value| {
        let ran = run(
            with(json!({"operation": "record_payment", "amount": 1}), more),
            [],
        );
        ran.error().message.clone()
    };
    assert_eq!(
        failed(json!({})),
        "customer is missing: say who has paid, or for which invoice."
    );
    assert_eq!(
        failed(json!({"invoice": "145", "invoiceNumber": "1042"})),
        "give one of invoice, invoiceNumber and invoices: each of them says what was paid for."
    );
    assert_eq!(
        failed(json!({"invoice": "INV-1042"})),
        "invoice is no id: for an invoice's number there is invoiceNumber."
    );
}

#[test]
fn a_customer_is_created_as_the_sdk_creates_it() {
    let little = json!({"operation": "create_customer", "displayName": "Ada Lovelace"});
    let ran = sends(
        &["create_customer_with_little"],
        little.clone(),
        [made("Customer", &customer())],
    );
    assert_eq!(ran.output(), customer());
    let config = with(
        little.clone(),
        json!({
            "givenName": "Ada", "familyName": "Lovelace", "companyName": "Analytical Engines", "email": "ada@example.com",
            "phone": "+1 555 123 0000", "mobile": "+15551230001", "website": "https://example.com", "notes": "Since 1843", "taxable": true,
            "currency": "GBP", "parent": "12",
            "billingAddress": {
                "line1": "12 St James's Square", "line2": "2nd floor", "city": "London", "state": "England", "postalCode": "SW1Y 4JH",
                "country": "GB",
            },
            "shippingAddress": {"line1": "5 Dorset Street", "city": "London"},
        }),
    );
    sends(
        &["create_customer"],
        config,
        [made("Customer", &customer())],
    );
}

#[test]
fn a_customer_that_is_there_is_taken_where_that_is_wanted() {
    let little = json!({"operation": "create_customer", "displayName": "Ada's Engines"});
    let taken = || {
        let detail = "The name supplied already exists. : Another customer is already using this name. Please use a different name.";
        fault(400, "6240", "Duplicate Name Exists Error", detail)
    };
    let ran = run(little.clone(), [taken()]);
    assert_eq!(
        ran.error().to_string(),
        "ERROR_6240: quickbooks.api.intuit.com answered 400: The name supplied already exists. : Another customer is already using this \
         name. Please use a different name. Customers, vendors and employees have names of their own: choose another display name, or let \
         the node take the customer that is there."
    );
    let take = with(little, json!({"existing": "take"}));
    let ran = run(take.clone(), [taken(), rows("Customer", &[customer()])]);
    assert_eq!(ran.output(), customer());
    as_the_sdk("customer_by_name", &ran.requests[1]);
    // The name is a vendor's.
    let ran = run(take, [taken(), rows("Customer", &[])]);
    assert_eq!(ran.error().code, "ERROR_6240");
}

#[test]
fn what_has_changed_is_read_as_the_sdk_reads_it() {
    let config = json!({"operation": "sync", "entities": ["Customer", "Invoice"], "changedSince": "2026-11-01T00:00:00Z"});
    let gone = json!({"Id": "146", "status": "Deleted", "domain": "QBO"});
    let full = vec![json!({"Id": "1"}); 1000];
    let answer = json!({
        "CDCResponse": [{"QueryResponse": [
            {"Customer": full, "startPosition": 1, "maxResults": 1000},
            {"Invoice": [invoice(), gone], "startPosition": 1, "maxResults": 2, "totalCount": 2},
            {},
        ]}],
        "time": "2026-11-28T01:31:25.179-08:00",
    });
    let ran = sends(&["sync"], config, [Reply::json(200, &answer)]);
    let synced = ran.output();
    assert_eq!(synced["entities"]["Invoice"], json!([invoice(), gone]));
    assert_eq!(synced["count"], 1002);
    assert_eq!(synced["time"], "2026-11-28T01:31:25.179-08:00");
    assert_eq!(synced["incomplete"], json!(["Customer"]));
}

#[test]
fn everything_is_read_page_by_page_up_to_the_limit() {
    let config = json!({"operation": "sync", "entities": ["Invoice", "Payment"], "limit": 1001});
    let full = vec![json!({"Id": "1"}); 1000];
    let ran = run(
        config.clone(),
        [
            rows("Invoice", &full),
            rows("Invoice", &[json!({"Id": "2"})]),
        ],
    );
    as_the_sdk("all_invoices", &ran.requests[0]);
    let asked = |request: usize| ran.requests[request].query[1].1.clone();
    assert_eq!(
        asked(1),
        "select * from invoice orderby Id asc startposition 1001 maxresults 1"
    );
    let synced = ran.output();
    assert_eq!(
        (&synced["count"], &synced["cursor"]),
        (&json!(1001), &json!("Invoice:1002"))
    );
    let on = with(config.clone(), json!({"cursor": "Invoice:1002"}));
    let ran = run(
        on,
        [rows("Invoice", &[]), rows("Payment", &[json!({"Id": "9"})])],
    );
    assert_eq!(
        ran.output(),
        json!({"entities": {"Invoice": [], "Payment": [{"Id": "9"}]}, "count": 1, "time": "2026-11-28T01:31:25.179-08:00"})
    );
    assert_eq!(
        ran.requests[0].query[1].1,
        "select * from invoice orderby Id asc startposition 1002 maxresults 1000"
    );
    let ran = run(with(config, json!({"cursor": "Bill:1"})), []);
    assert_eq!(
        ran.error().to_string(),
        "INVALID_CONFIG: cursor is none that an earlier step with the same entities has ended with."
    );
}

#[test]
fn a_fault_is_a_failure_whatever_the_status() {
    let failed = |reply: Reply| run(little(), [reply]).error().clone();
    let error = failed(fault(
        200,
        "610",
        "Object Not Found",
        "Object Not Found : Something you're trying to use has been made inactive.",
    ));
    assert_eq!(
        error.to_string(),
        "ERROR_610: quickbooks.api.intuit.com answered 200: Object Not Found : Something you're trying to use has been made inactive. It \
         was deleted or made inactive, or the company never had it."
    );
    assert!(!error.retryable);
    let denied = failed(fault(
        403,
        "3100",
        "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403",
        "Application Authorization Failed",
    ));
    assert_eq!(
        (denied.code.as_str(), denied.retryable),
        ("CREDENTIAL", false)
    );
    assert!(failed(Reply::new(500)).retryable);
}

#[test]
fn who_asks_too_often_waits_for_a_minute() {
    let limited = fault(
        429,
        "003001",
        "message=ThrottleExceeded; errorCode=003001; statusCode=429",
        "The request limit was reached.",
    );
    let error = run(little(), [limited.clone()]).error().clone();
    assert_eq!(
        (error.code.as_str(), error.retry_after_ms),
        ("ERROR_003001", Some(60_000))
    );
    assert!(error.retryable);
    let error = run(little(), [limited.header("Retry-After", "5")])
        .error()
        .clone();
    assert_eq!(error.retry_after_ms, Some(5_000));
}

#[test]
fn choices_are_those_of_the_company() {
    let load = |source: &str, config: Value, query: Value, reply: Reply| {
        let stage = testing::plugin(crate::plugin()).options("quickbooks", source, config);
        let stage = stage.connected_app("quickbooks", &json!({"realmId": "4711"}));
        stage
            .input(&with(json!({"source": source}), query))
            .reply(reply)
            .run()
    };
    let ran = load(
        "customers",
        json!({}),
        json!({}),
        rows("Customer", &[customer()]),
    );
    as_the_sdk("customers", &ran.requests[0]);
    assert_eq!(
        ran.output(),
        json!({"options": [{"value": "58", "label": "Ada Lovelace", "description": "ada@example.com"}]})
    );
    let full = vec![customer(); 100];
    let ran = load(
        "customers",
        json!({}),
        json!({"search": "ada", "cursor": "101"}),
        rows("Customer", &full),
    );
    as_the_sdk("customers_by_search", &ran.requests[0]);
    assert_eq!(ran.output()["cursor"], "201");
    let ran = load(
        "open_invoices",
        json!({"customer": "58"}),
        json!({}),
        rows("Invoice", &[invoice()]),
    );
    as_the_sdk("invoices", &ran.requests[0]);
    assert_eq!(
        ran.output(),
        json!({"options": [{"value": "145", "label": "INV-1042", "description": "Ada Lovelace, 129.38 to be paid"}]})
    );
    let named = |id: &str, name: &str| json!({"Id": id, "Name": name});
    for (source, entity) in [
        ("items", "Item"),
        ("payment_methods", "PaymentMethod"),
        ("accounts", "Account"),
        ("terms", "Term"),
        ("tax_codes", "TaxCode"),
    ] {
        let ran = load(
            source,
            json!({}),
            json!({}),
            rows(entity, &[named("4", "Something")]),
        );
        assert_eq!(
            ran.output(),
            json!({"options": [{"value": "4", "label": "Something"}]}),
            "{source}"
        );
    }
}
