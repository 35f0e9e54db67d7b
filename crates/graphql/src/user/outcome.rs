use async_graphql::{Context, Result};
use jackfield_storage::access::ManageUsers;
use jackfield_storage::membership::{self, ChangeMember, MemberError};

use super::User;
use crate::context::ContextExt;
use crate::errors::{UserError, UserErrorCode, internal};

/// Changes what a user may do here.
pub(super) async fn change(
    ctx: &Context<'_>,
    id: &str,
    change: ChangeMember,
) -> Result<(Option<User>, Vec<UserError>)> {
    let permit = ctx.permit::<ManageUsers>()?;
    let refused = |error| Ok((None, vec![error]));
    let missing = || UserError::not_found("userId", "user");
    let Ok(id) = id.parse() else {
        return refused(missing());
    };
    let own = ctx.principal()?.role;
    let with = |code, message: String| UserError {
        code,
        ..UserError::invalid("userId", message)
    };
    match membership::change(ctx.store()?, &permit, own, id, change).await {
        Ok(member) => Ok((Some(User(member)), Vec::new())),
        Err(MemberError::NotFound) => refused(missing()),
        Err(error @ MemberError::Higher { .. }) => {
            refused(with(UserErrorCode::Forbidden, error.to_string()))
        }
        Err(error @ MemberError::LastOwner) => {
            refused(with(UserErrorCode::Conflict, error.to_string()))
        }
        Err(MemberError::Storage(error)) => Err(internal(error)),
    }
}
