//! Everything that the schema offers, against those who may not have it. What is tried is made of the schema itself, so that
//! whatever is added to it is tried as well; what the tests do not know how to try fails them.

mod call;
mod callers;
mod foreign;
mod kinds;
mod schema;
mod world;
