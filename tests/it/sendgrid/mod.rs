//! The plugin `sendgrid`, from the connected app to the mail and what becomes of it.

mod receive;
mod send;
