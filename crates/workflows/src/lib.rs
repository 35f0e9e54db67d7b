//! Workflows: what they are, how they are kept, and how they run.

pub mod definition;
pub mod expression;
pub mod machine;
pub mod nodes;
