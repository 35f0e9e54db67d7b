//! The plugin `twilio`, from the connected app to the message and back.

mod receive;
mod send;
