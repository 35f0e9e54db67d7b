//! What is shown of an app that has no resources: one query for whether it is connected, its switch, its key and its last check.

use anyhow::Result;
use jackfield_tests::{
    AuthorizeNet, Client, Engine, Eway, Facebook, Geoapify, GoogleMaps, Jackfield, Mailchimp,
    Mapbox, Receiver, Reply, Slack, Tap, WePay, on_both_engines,
};
use serde_json::{Value, json};

on_both_engines![one_query_shows_all_there_is_of_an_app_without_resources];

/// The query of docs/connected-apps.md.
const DRAWER: &str = "query($id: ID!) { connectedApp(id: $id) {
    status active maskedCredential lastHealthCheck { at ok message }
    provider resources { id }
} }";

async fn one_query_shows_all_there_is_of_an_app_without_resources(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::whole(engine).await?;
    let owner = jackfield.owner();
    for (outside, input) in providers().await? {
        let app = owner.connect_app(input).await?;
        drawer(&owner, &app, ("CONNECTED", true, true)).await?;
        for (status, active) in [("INACTIVE", false), ("CONNECTED", true)] {
            let input = json!({"connectedAppId": app, "active": active});
            owner
                .succeed("setConnectedAppActive", input, "connectedApp { id }")
                .await?;
            drawer(&owner, &app, (status, active, true)).await?;
        }
        // Whatever it was tested with is refused from now on.
        let tested = outside.requests().into_iter().map(|request| request.path);
        for path in tested.chain([GoogleMaps::ROUTES.to_owned()]) {
            let refused = json!({"message": "The key was revoked."});
            outside.answer(&path, [Reply::json(401, &refused)]);
        }
        let input = json!({"connectedAppId": app});
        owner
            .succeed("checkConnectedApp", input, "connectedApp { id }")
            .await?;
        let shown = drawer(&owner, &app, ("NEEDS_REAUTH", true, false)).await?;
        assert!(
            shown["lastHealthCheck"]["message"]
                .as_str()
                .is_some_and(|text| text.contains("401")),
            "{shown:#}"
        );
    }
    jackfield.finish().await
}

/// Servers of providers, each with what connects an app to it.
async fn providers() -> Result<Vec<(Receiver, Value)>> {
    let maps = GoogleMaps::start().await?;
    let (mapbox, geoapify) = (Mapbox::start().await?, Geoapify::start().await?);
    let (eway, wepay, tap) = (
        Eway::start().await?,
        WePay::start().await?,
        Tap::start().await?,
    );
    let (authorize, mailchimp) = (AuthorizeNet::start().await?, Mailchimp::start().await?);
    let facebook = Facebook::start().await?;
    let slack = Slack::start().await?;
    let inputs = [
        mapbox.input(),
        maps.input(),
        geoapify.input(),
        eway.input(),
        wepay.input(),
        tap.input(),
        authorize.input(),
        mailchimp.input(),
        facebook.input(),
        slack.input(),
    ];
    let outsides = [
        mapbox.outside,
        maps.outside,
        geoapify.outside,
        eway.outside,
        wepay.outside,
        tap.outside,
        authorize.outside,
        mailchimp.outside,
        facebook.outside,
        slack.outside,
    ];
    Ok(outsides.into_iter().zip(inputs).collect())
}

/// What the query says: the light, the switch, and whether the last check was good.
async fn drawer(owner: &Client, app: &Value, expected: (&str, bool, bool)) -> Result<Value> {
    let shown = owner.data_with(DRAWER, json!({"id": app})).await?["connectedApp"].take();
    let (status, active, ok) = expected;
    assert_eq!(
        json!([
            shown["status"],
            shown["active"],
            shown["lastHealthCheck"]["ok"],
            shown["resources"]
        ]),
        json!([status, active, ok, []]),
        "{shown:#}"
    );
    assert!(shown["lastHealthCheck"]["at"].is_string(), "{shown:#}");
    let masked = shown["maskedCredential"].as_str();
    assert!(
        masked.is_some_and(|masked| masked.starts_with("••••") && masked.len() <= 16),
        "{shown:#}"
    );
    Ok(shown)
}
