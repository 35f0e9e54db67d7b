//! What providers say of themselves, and what is connected to them.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{Engine, Jackfield, Postmark, on_both_engines};

on_both_engines![a_provider_shows_all_that_a_drawer_needs];

async fn a_provider_shows_all_that_a_drawer_needs(engine: Engine) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    postmark.connect(&owner, "Mail").await?;
    let document = "{ node(id: \"provider_postmark\") { ... on Provider {
        name title description hosts credentialTest icon
        schemes { name title schema }
        resourceTypes { type name description max format pattern list verify }
        webhook { setup eventTypes { name } }
        connectedApps { name status isDefault }
    } } }";
    let mut data = owner.data(document).await?;
    let icon = data["node"]["icon"].take();
    assert!(
        icon.as_str().is_some_and(|icon| icon.starts_with("<svg")),
        "{icon}"
    );
    allow_duplicates! {
        assert_json_snapshot!(data["node"], @"");
    }
    jackfield.finish().await
}
