//! A new customer is asked whether they want the newsletter.

use anyhow::Result;
use insta::{allow_duplicates, assert_snapshot};
use jackfield_tests::{Engine, Mailchimp, on_both_engines};
use serde_json::json;

use super::{run_of, start};

on_both_engines![
    a_new_customer_joins_the_audience,
    an_address_that_is_refused_is_told,
];

const TYPE: &str = "customer.created";

async fn a_new_customer_joins_the_audience(engine: Engine) -> Result<()> {
    let mailchimp = Mailchimp::start().await?;
    let (jackfield, slack) = start(engine).await?;
    let owner = jackfield.owner();
    mailchimp.connect(&owner).await?;
    mailchimp.outside.forget();
    owner
        .set_variable("newCustomersAudience", "a1b2c3d4e5")
        .await?;
    let workflow = jackfield.apply_example("new-customer.yaml").await?;
    let without_address = json!({"id": "cus_1", "name": "Grace Hopper"});
    let ada = json!({"id": "cus_2", "name": "Ada Lovelace", "email": "ada@example.com"});
    let run = run_of(&owner, &workflow, TYPE, &[without_address, ada]).await?;
    let vendors = [("mailchimp", &mailchimp.outside), ("slack", &slack.outside)];
    let told = owner.told_of(&run, &vendors).await?;
    allow_duplicates! {
        assert_snapshot!(told, @r#"
        SUCCEEDED
        created SUCCEEDED -> data-out
        member SUCCEEDED -> data-out {"id":"3e3417d7ef77d5932a6734b916515ed5","email_address":"ada@example.com","status":"subscribed","list_id":"a1b2c3d4e5","merge_fields":{"FNAME":"Ada","LNAME":""},"tags":[]}
        missing SKIPPED
        mailchimp <- PUT /3.0/lists/a1b2c3d4e5/members/3e3417d7ef77d5932a6734b916515ed5 {"email_address":"ada@example.com","status_if_new":"pending","merge_fields":{"FNAME":"Ada","LNAME":"Lovelace"}}
        mailchimp <- POST /3.0/lists/a1b2c3d4e5/members/3e3417d7ef77d5932a6734b916515ed5/tags {"tags":[{"name":"New customer","status":"active"}]}
        "#);
    }
    jackfield.finish().await
}

async fn an_address_that_is_refused_is_told(engine: Engine) -> Result<()> {
    let mailchimp = Mailchimp::start().await?;
    let (jackfield, slack) = start(engine).await?;
    let owner = jackfield.owner();
    mailchimp.connect(&owner).await?;
    let fake = Mailchimp::problem(
        400,
        "Invalid Resource",
        "ada@example.com looks fake or invalid.",
    );
    mailchimp.outside.answer(Mailchimp::MEMBER, [fake]);
    owner
        .set_variable("newCustomersAudience", "a1b2c3d4e5")
        .await?;
    let workflow = jackfield.apply_example("new-customer.yaml").await?;
    let ada = json!({"id": "cus_2", "name": "Ada", "email": "ada@example.com"});
    run_of(&owner, &workflow, TYPE, &[ada]).await?;
    let (message, _) = slack.said().swap_remove(0);
    allow_duplicates! {
        assert_snapshot!(message, @"*Not in the audience:* Ada (cus_2). us21.api.mailchimp.com answered 400: ada@example.com looks fake or invalid.");
    }
    jackfield.finish().await
}
