//! The integration tests: the real server, driven from outside. Modules are named after what the API calls things.
//!
//! Snapshots stand in `allow_duplicates!`: without cargo-nextest both engines are tested in one process.

mod anthropic;
mod api_endpoint;
mod audit_log;
mod canary;
mod clients;
mod connected_app;
mod crash;
mod event;
mod event_type;
mod expression;
mod external_webhook;
mod facebook;
mod fcm;
mod geoapify;
mod google;
mod google_maps;
mod google_reviews;
mod graphql;
mod inbound_hook;
mod isolation;
mod mailchimp;
mod mapbox;
mod message_template;
mod node;
mod payout;
mod plugin;
mod quickbooks;
mod quo;
mod resource;
mod run;
mod schema;
mod secret;
mod sendgrid;
mod server;
mod slack;
mod stripe;
mod trigger;
mod twilio;
mod user;
mod variable;
mod viewer;
mod webhook_endpoint;
mod workflow;
mod workspace;
