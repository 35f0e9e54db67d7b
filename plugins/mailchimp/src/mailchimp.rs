//! The node `mailchimp`.

mod member;
mod send_campaign;
mod tag;
mod upsert_member;

use jackfield_plugin_sdk::prelude::*;

use crate::options::{Audiences, Campaigns, Tags};

pub(crate) fn operations() -> Operations {
    let about = About::new("Mailchimp")
        .description("Adds people to audiences, tags them and sends campaigns.")
        .icon("mails")
        .provider("mailchimp")
        .input("data-in", "Whom it is about.")
        .output("data-out", "What Mailchimp has done.")
        .output("error", "Why nothing was done.")
        .documentation(include_str!("mailchimp/documentation.md"))
        .examples(include_str!("mailchimp/examples.json"))
        .options::<Audiences>()
        .options::<Campaigns>()
        .options::<Tags>();
    Operations::new("mailchimp", about)
        .operation::<upsert_member::UpsertMember>()
        .operation::<tag::AddTags>()
        .operation::<send_campaign::SendCampaign>()
}

#[cfg(test)]
mod tests;
