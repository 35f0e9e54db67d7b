//! Expressions in the configs of nodes, for editors.

mod evaluate;
mod helper;

pub use evaluate::{EvaluateExpression, ExpressionScopeInput};
pub use helper::ListExpressionHelpers;
