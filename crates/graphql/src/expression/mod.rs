//! Expressions in the configs of nodes, for editors.

mod evaluate;
mod helper;

pub use evaluate::EvaluateExpression;
pub use helper::ListExpressionHelpers;
