//! The plugin `stripe` on the way that its users go, towards a scripted Stripe.

mod charge;
mod connect;
mod event;
mod webhook_endpoint;
