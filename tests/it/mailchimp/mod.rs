//! The plugin `mailchimp`, from the connected app to the audience, and from the audience to a run.

mod receive;
mod send;
