//! The API as HTTP clients see it: what they send in place of documents, and what comes with an answer.

mod cross_origin;
mod document;
mod hostile;
mod relations;
mod size;
mod statements;
mod timeout;
