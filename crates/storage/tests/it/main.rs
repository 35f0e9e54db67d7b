//! The store on real databases: each example on SQLite and on a private PostgreSQL cluster.

mod claim;
mod connected_app;
mod delivery;
mod find;
mod migrate;
mod nodes;
mod open;
mod payload;
mod retention;
mod sample;
mod signal;
mod slot;
mod write;
