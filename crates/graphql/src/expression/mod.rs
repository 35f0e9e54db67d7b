//! Expressions in the configs of nodes, for editors.

mod evaluate;
mod helper;

pub use evaluate::{EvaluateExpression, ExpressionScopeInput, sample};
pub use helper::ListExpressionHelpers;
