use jackfield_plugin_sdk::testing::{self, Captured, Ran, Reply, SentRequest};

use super::*;

const BASE: &str = "https://sheets.googleapis.com";

fn run(config: Value, replies: impl IntoIterator<Item = Reply>) -> Ran {
    let stage = testing::plugin(crate::plugin()).node("google-sheets", config);
    let stage = stage.connected_app("google", &json!({}));
    replies
        .into_iter()
        .fold(stage, |stage, reply| stage.reply(reply))
        .run()
}

#[track_caller]
fn as_the_sdk(name: &str, base: &str, request: &SentRequest) {
    let captured = Captured::parse(include_str!("../fixtures/captured.json"));
    captured.assert_sent(name, request, base, &["content-type"]);
}

#[track_caller]
fn sends(name: &str, config: Value, replies: impl IntoIterator<Item = Reply>) {
    let ran = run(config, replies);
    assert!(ran.result.is_ok(), "{}", ran.error());
    as_the_sdk(name, BASE, ran.requests.last().unwrap());
}

/// A config of an operation on the tab `Revenue`.
fn revenue(operation: &str, more: Value) -> Value {
    let mut config = json!({"operation": operation, "spreadsheet": "1AbC_d-9", "sheet": "Revenue"});
    for (name, value) in more.as_object().into_iter().flatten() {
        config[name] = value.clone();
    }
    config
}

fn cells(range: &str, values: Value) -> Reply {
    Reply::json(
        200,
        &json!({"range": range, "majorDimension": "ROWS", "values": values}),
    )
}

fn appended() -> Reply {
    let updates = json!({"updatedRange": "Revenue!A14:B14", "updatedRows": 1});
    Reply::json(
        200,
        &json!({"spreadsheetId": "1AbC_d-9", "tableRange": "Revenue!A1:B13", "updates": updates}),
    )
}

fn updated() -> Reply {
    Reply::json(
        200,
        &json!({"spreadsheetId": "1AbC_d-9", "updatedRange": "Revenue!A7:B7"}),
    )
}

fn made(sheet: u64) -> Reply {
    Reply::json(
        200,
        &json!({
            "spreadsheetId": "1AbC_d-9", "spreadsheetUrl": "https://docs.google.com/spreadsheets/d/1AbC_d-9/edit",
            "sheets": [{"properties": {"sheetId": 0, "title": "Sheet1"}}, {"properties": {"sheetId": sheet, "title": "January"}}],
        }),
    )
}

fn refusal(status: u16, name: &str, message: &str) -> Reply {
    Reply::json(
        status,
        &json!({"error": {"code": status, "message": message, "status": name}}),
    )
}

#[test]
fn rows_are_read_as_the_sdk_does() {
    let config = json!({
        "operation": "read_rows", "spreadsheet": "https://docs.google.com/spreadsheets/d/1AbC_d-9/edit#gid=0", "sheet": "Ada's 1",
        "range": "A5:C", "values": "UNFORMATTED_VALUE",
    });
    sends("read_rows", config, [cells("'Ada''s 1'!A5:C9", json!([]))]);
    let little = revenue("read_rows", json!({}));
    let ran = run(
        little.clone(),
        [Reply::json(
            200,
            &json!({"range": "Revenue!A1:Z1000", "majorDimension": "ROWS"}),
        )],
    );
    as_the_sdk("read_rows_with_little", BASE, &ran.requests[0]);
    // A tab without anything in it.
    assert_eq!(
        ran.output(),
        json!({"range": "Revenue!A1:Z1000", "headers": [], "firstRow": 2, "rows": []})
    );
    let config = revenue("read_rows", json!({"headers": false, "range": "B3:C"}));
    let ran = run(
        config,
        [cells("Revenue!B3:C9", json!([["a"], [], ["b", 2]]))],
    );
    assert_eq!(
        ran.output(),
        json!({"range": "Revenue!B3:C9", "firstRow": 3, "rows": [["a"], [], ["b", 2]]})
    );
}

#[test]
fn a_row_is_appended_as_the_sdk_does() {
    let config = revenue(
        "append_row",
        json!({"values": ["=1+1", 129, true, "Müller & Söhne"], "valueInputOption": "USER_ENTERED", "range": "B2:F2"}),
    );
    sends("append_row", config, [appended()]);
    let little = revenue("append_row", json!({"values": ["2026-12-01", 129]}));
    sends("append_row_with_little", little, [appended()]);
    let named = revenue(
        "append_row",
        json!({"values": {"Amount": 129, "Day": "2026-12-01"}}),
    );
    let headers = cells("Revenue!A1:B1", json!([["Day", "Amount"]]));
    sends("append_row_with_little", named, [headers, appended()]);
}

#[test]
fn a_tab_that_is_empty_gets_its_header_row() {
    let config = revenue(
        "append_row",
        json!({"values": {"Day": "2026-12-01", "Amount": 129, "Rooms": ["a", 1]}}),
    );
    let ran = run(config, [cells("Revenue!A1:Z1", json!([])), appended()]);
    assert_eq!(
        ran.requests[1].json(),
        json!({"values": [["Day", "Amount", "Rooms"], ["2026-12-01", 129, "[\"a\",1]"]]})
    );
}

#[test]
fn a_row_is_updated_as_the_sdk_does() {
    let config = revenue(
        "update_row",
        json!({"values": ["=1+1", "", 129], "valueInputOption": "USER_ENTERED", "range": "B7:D7"}),
    );
    sends("update_row", config, [updated()]);
    let little = revenue("update_row", json!({"values": ["bk_1", "paid"], "row": 7}));
    sends("update_row_with_little", little, [updated()]);
    let headers = || cells("Revenue!A1:B1", json!([["Booking", "Status"]]));
    let named = json!({"values": {"Status": "paid", "Booking": "bk_1"}, "row": 7});
    let named = revenue("update_row", named);
    sends("update_row_with_little", named, [headers(), updated()]);
    let by_key = json!({"values": ["bk_1", "paid"], "keyColumn": "Booking", "keyValue": "bk_1"});
    let column = json!([
        ["Booking"],
        ["bk_4"],
        [],
        ["bk_3"],
        ["bk_11"],
        ["bk_2"],
        ["bk_1"],
        ["bk_1"]
    ]);
    let column = cells("Revenue!A1:A100", column);
    sends(
        "update_row_with_little",
        revenue("update_row", by_key),
        [headers(), column, updated()],
    );
}

#[test]
fn a_sheet_is_made_as_the_sdk_does() {
    let config = json!({
        "operation": "create_sheet", "title": "Revenue 2026", "headers": ["Day", "Amount"], "sheet": "January", "locale": "de_DE",
        "timeZone": "Europe/Berlin",
    });
    sends("create_sheet", config, [made(1)]);
    let little = json!({"operation": "create_sheet", "title": "Revenue 2026"});
    sends("create_sheet_with_little", little, [made(1)]);
}

#[test]
fn a_tab_is_made_as_the_sdk_does() {
    let config = json!({"operation": "create_sheet", "spreadsheet": "1AbC_d-9", "title": "January", "headers": ["Day", "Amount"]});
    let ran = run(
        config.clone(),
        [Reply::json(200, &json!({})), made(1_265_568_850)],
    );
    assert!(ran.result.is_ok(), "{}", ran.error());
    as_the_sdk("create_tab", BASE, &ran.requests[0]);
    assert!(ran.requests[0].repeatable);
    as_the_sdk("look", BASE, &ran.requests[1]);
    let expected = json!({
        "spreadsheetId": "1AbC_d-9", "spreadsheetUrl": "https://docs.google.com/spreadsheets/d/1AbC_d-9/edit",
        "sheetId": 1_265_568_850, "sheet": "January",
    });
    assert_eq!(ran.output(), expected);
    // Where the answer to the first try was lost, the second finds the tab there. Somebody else's of that name is none of ours.
    let said = "Invalid requests[0].addSheet: A sheet with the name \"January\" already exists. Please enter another name.";
    let there = || refusal(400, "INVALID_ARGUMENT", said);
    let ran = run(config.clone(), [there(), made(1_265_568_850)]);
    assert_eq!(ran.output(), expected);
    let ran = run(config.clone(), [there(), made(7)]);
    assert_eq!(
        ran.error().to_string(),
        format!("INVALID_ARGUMENT: sheets.googleapis.com answered 400: {said}")
    );
    let ran = run(config, [Reply::new(503)]);
    assert!(ran.error().retryable);
}

#[test]
fn what_cannot_be_written_is_refused() {
    let refused = |operation: &str, more: Value, replies: Vec<Reply>| {
        let ran = run(revenue(operation, more), replies);
        ran.error().to_string()
    };
    let headers = || cells("Revenue!A1:B1", json!([["Booking", "Status"]]));
    assert_eq!(
        refused(
            "append_row",
            json!({"values": {"Total": 1}}),
            vec![headers()]
        ),
        "INVALID_CONFIG: The sheet has no column Total; it has Booking, Status."
    );
    assert_eq!(
        refused("append_row", json!({"values": {}}), vec![]),
        "INVALID_CONFIG: values are missing: there is nothing to append."
    );
    let which = "INVALID_CONFIG: One of row, keyColumn with keyValue, and range says which row is meant: give one of them.";
    assert_eq!(refused("update_row", json!({"values": [1]}), vec![]), which);
    let both = json!({"values": [1], "row": 1, "range": "A1"});
    assert_eq!(refused("update_row", both, vec![]), which);
    let missing = json!({"values": {"Status": "paid"}, "keyColumn": "Booking", "keyValue": 7});
    let column = cells("Revenue!A1:A2", json!([["Booking"], ["bk_1"]]));
    assert_eq!(
        refused("update_row", missing, vec![headers(), column]),
        "ROW_NOT_FOUND: No row of Revenue has 7 in the column A."
    );
}

#[test]
fn what_google_refuses_is_told_with_its_words() {
    let said = "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per user'.";
    let limited = json!({"error": {
        "code": 429, "message": said, "status": "RESOURCE_EXHAUSTED",
        "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "RATE_LIMIT_EXCEEDED", "domain": "googleapis.com"}],
    }});
    let ran = run(
        revenue("read_rows", json!({})),
        [Reply::json(429, &limited)],
    );
    assert_eq!(
        ran.error().to_string(),
        format!("RATE_LIMIT_EXCEEDED: sheets.googleapis.com answered 429: {said}")
    );
    assert!(ran.error().retryable);
    let said = "Unable to parse range: 'Revenue'!nowhere";
    let config = revenue("read_rows", json!({"range": "nowhere"}));
    let ran = run(config, [refusal(400, "INVALID_ARGUMENT", said)]);
    assert_eq!(
        ran.error().to_string(),
        format!("INVALID_ARGUMENT: sheets.googleapis.com answered 400: {said}.")
    );
    assert!(!ran.error().retryable);
}

fn choices(source: &str, config: Value, search: Option<&str>, reply: Reply) -> Ran {
    let stage = testing::plugin(crate::plugin()).options("google-sheets", source, config);
    let stage = stage.connected_app("google", &json!({}));
    let stage = match search {
        Some(search) => stage.input(&json!({"source": source, "search": search, "cursor": "next"})),
        None => stage,
    };
    stage.reply(reply).run()
}

#[test]
fn choices_are_those_of_the_account() {
    let files = json!([{"id": "1AbC_d-9", "name": "Ada's revenue", "owners": [{"emailAddress": "ada@example.com"}]}]);
    let list = Reply::json(200, &json!({"files": files, "nextPageToken": "more"}));
    let ran = choices("spreadsheets", json!({}), Some("Ada's"), list);
    as_the_sdk(
        "spreadsheets",
        "https://www.googleapis.com",
        &ran.requests[0],
    );
    assert_eq!(
        ran.output(),
        json!({
            "options": [{"value": "1AbC_d-9", "label": "Ada's revenue", "description": "ada@example.com"}],
            "cursor": "more",
        })
    );
    let tabs = json!({"sheets": [{"properties": {"title": "Revenue"}}, {"properties": {"title": "Costs"}}]});
    let config = json!({"spreadsheet": "https://docs.google.com/spreadsheets/d/1AbC_d-9/edit"});
    let ran = choices("tabs", config, None, Reply::json(200, &tabs));
    as_the_sdk("tabs", BASE, &ran.requests[0]);
    assert_eq!(
        ran.output(),
        json!({"options": [{"value": "Revenue", "label": "Revenue"}, {"value": "Costs", "label": "Costs"}]})
    );
    let said = "Request had insufficient authentication scopes.";
    let refused = json!({"error": {
        "code": 403, "message": said, "status": "PERMISSION_DENIED",
        "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}],
    }});
    let ran = choices("spreadsheets", json!({}), None, Reply::json(403, &refused));
    assert_eq!(ran.output(), json!({"options": []}));
}

#[test]
fn without_a_spreadsheet_there_are_no_tabs() {
    for spreadsheet in [Value::Null, json!(""), json!("{{ trigger.body.sheet }}")] {
        let config = json!({"spreadsheet": spreadsheet});
        let stage = testing::plugin(crate::plugin()).options("google-sheets", "tabs", config);
        let ran = stage.run();
        assert_eq!(ran.output(), json!({"options": []}));
        assert!(ran.requests.is_empty());
    }
}
