//! Access to a Page that somebody grants, and the proof that goes with every token.

use std::collections::BTreeMap;

use anyhow::Result;
use jackfield_tests::{Engine, Facebook, Jackfield, Reply, Request, on_both_engines};
use serde_json::json;

on_both_engines![
    who_manages_a_page_grants_access_to_it,
    who_does_not_manage_the_page_grants_nothing,
];

async fn who_manages_a_page_grants_access_to_it(engine: Engine) -> Result<()> {
    let facebook = Facebook::start().await?;
    let jackfield = Jackfield::with(engine, &["facebook"]).await?;
    let owner = jackfield.owner();
    let (app, asked, page) = facebook.log_in(&owner).await?;
    assert_eq!(page.status(), 200, "{}", page.text().await?);
    assert_eq!(asked["client_id"], "1158201444");
    assert!(asked["scope"].contains("pages_messaging"), "{asked:?}");
    let tokens = facebook.outside.requests_to(Facebook::TOKENS);
    let [refused, code, longer] = &tokens[..] else {
        panic!("{tokens:#?}");
    };
    assert!(refused.header("authorization").starts_with("Basic "));
    let code = form(&code.text())?;
    assert_eq!(code["code"], "AQ-code-of-a-person");
    assert_eq!(code["client_id"], "1158201444");
    assert_eq!(longer.method, "GET");
    let longer = form(&longer.query)?;
    assert_eq!(longer["grant_type"], "fb_exchange_token");
    assert_eq!(longer["fb_exchange_token"], "EAA-for-an-hour");
    let of_page = &facebook.outside.requests_to(Facebook::PAGE)[0];
    assert_eq!(form(&of_page.query)?["fields"], "access_token");
    carries(of_page, "EAA-for-60-days")?;
    let fields = "connectedApp { status settings lastHealthCheck { ok message } }";
    let checked = owner
        .succeed("checkConnectedApp", json!({"connectedAppId": app}), fields)
        .await?;
    let checked = &checked["connectedApp"];
    assert_eq!(checked["status"], "CONNECTED", "{checked:#}");
    assert_eq!(
        checked["lastHealthCheck"],
        json!({"ok": true, "message": "Acme Cleaning"})
    );
    for request in facebook.outside.requests_to(Facebook::ME) {
        carries(&request, "EAA-token-of-the-page")?;
    }
    jackfield.finish().await
}

async fn who_does_not_manage_the_page_grants_nothing(engine: Engine) -> Result<()> {
    let facebook = Facebook::start().await?;
    let jackfield = Jackfield::with(engine, &["facebook"]).await?;
    let owner = jackfield.owner();
    // Meta leaves out what the person may not see.
    let bare = Reply::json(200, &json!({"id": "104711"}));
    facebook.outside.answer(Facebook::PAGE, [bare]);
    let (app, _, page) = facebook.log_in(&owner).await?;
    assert_eq!(page.status(), 502);
    let told = page.text().await?;
    assert!(
        told.contains("did not answer with an access token"),
        "{told}"
    );
    assert!(!told.contains("EAA-"), "{told}");
    let shown = "query($id: ID!) { connectedApp(id: $id) { status } }";
    let shown = owner.data_with(shown, json!({"id": app})).await?;
    assert_eq!(shown["connectedApp"]["status"], "NEEDS_REAUTH");
    assert!(facebook.outside.requests_to(Facebook::ME).is_empty());
    jackfield.finish().await
}

/// Holds a request to the token that it has, and to the proof of it.
fn carries(request: &Request, token: &str) -> Result<()> {
    assert_eq!(request.header("authorization"), format!("Bearer {token}"));
    let query = form(&request.query)?;
    assert_eq!(query["appsecret_proof"], Facebook::proof(token));
    Ok(())
}

fn form(text: &str) -> Result<BTreeMap<String, String>> {
    let url = reqwest::Url::parse(&format!("http://form/?{text}"))?;
    Ok(url.query_pairs().into_owned().collect())
}
