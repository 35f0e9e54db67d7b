//! The plugin `facebook`, from the connected app to the message and the post, and from what people write to a run.

mod login;
mod receive;
mod send;
