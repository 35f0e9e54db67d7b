//! The integration tests: the real server, driven from outside. Modules are named after what the API calls things.

mod workspace;
