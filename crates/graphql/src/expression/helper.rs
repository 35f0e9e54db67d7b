use async_graphql::{Context, Enum, Object, Result};
use jackfield_storage::access::Read;
use jackfield_workflows::expression::{self, HELPERS};

use crate::context::ContextExt;

/// The query `expressionHelpers`.
#[derive(Default)]
pub struct ListExpressionHelpers;

#[Object]
impl ListExpressionHelpers {
    /// Everything that can be called in an expression, by subject.
    async fn expression_helpers(&self, ctx: &Context<'_>) -> Result<Vec<ExpressionHelper>> {
        ctx.permit::<Read>()?;
        Ok(HELPERS.iter().map(ExpressionHelper).collect())
    }
}

/// Something that can be called in an expression.
struct ExpressionHelper(&'static expression::Helper);

/// How a helper is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "expression::HelperKind")]
pub enum ExpressionHelperKind {
    /// `value | name(…)`.
    Filter,
    /// `name(…)`.
    Function,
    /// `value is name(…)`.
    Test,
}

/// Something that can be called in an expression.
#[Object]
impl ExpressionHelper {
    /// What expressions call it.
    async fn name(&self) -> &str {
        self.0.name
    }

    /// How it is called.
    async fn kind(&self) -> ExpressionHelperKind {
        self.0.kind.into()
    }

    /// What it is about.
    async fn group(&self) -> &str {
        self.0.group.title()
    }

    /// Its arguments as they are written, with what holds for those that are left out.
    async fn arguments(&self) -> &str {
        self.0.arguments
    }

    /// What it does.
    async fn description(&self) -> &str {
        self.0.description
    }

    /// An expression that uses it, without the braces.
    async fn example(&self) -> &str {
        self.0.example
    }
}
