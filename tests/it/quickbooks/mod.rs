//! The plugin `quickbooks`, from the grant to the invoice, and back.

mod grant;
mod receive;
mod write;
