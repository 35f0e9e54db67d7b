//! The plugin `slack`, from the connected app to the message and back.

mod grant;
mod receive;
mod send;
