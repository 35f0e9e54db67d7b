//! The integration tests: the real server, driven from outside. Modules are named after what the API calls things.

mod api_endpoint;
mod connected_app;
mod external_webhook;
mod inbound_hook;
mod plugin;
mod run;
mod schema;
mod secret;
mod server;
mod viewer;
mod workflow;
mod workspace;
