use async_graphql::{Context, InputObject, Object, Result, SimpleObject};

use crate::accounts::NewMember;
use crate::context::ContextExt;
use crate::errors::UserError;
use crate::session::{Session, outcome};

/// The mutation `acceptInvitation`.
#[derive(Default)]
pub struct AcceptInvitation;

/// What `acceptInvitation` takes.
#[derive(InputObject)]
struct AcceptInvitationInput {
    /// The token of the invitation.
    token: String,
    /// What people call you, 1 to 200 characters; not needed by those who are users of this server already.
    name: Option<String>,
    /// The password that you choose, 12 characters at least; that of your account if you are a user of this server already.
    password: String,
}

/// What `acceptInvitation` answers.
#[derive(SimpleObject)]
struct AcceptInvitationPayload {
    /// The session; null when there are user errors.
    session: Option<Session>,
    /// What has to change in the input; empty when it was done.
    user_errors: Vec<UserError>,
}

#[Object]
impl AcceptInvitation {
    /// Makes a user of whoever has been invited, and signs them in. Needs no other token. It can be done once.
    async fn accept_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which invitation, and who accepts it.")] input: AcceptInvitationInput,
    ) -> Result<AcceptInvitationPayload> {
        let request = NewMember {
            token: input.token,
            name: input.name,
            password: input.password,
            address: ctx.address(),
        };
        let (session, user_errors) = outcome(ctx.services()?.accounts.accept(request).await)?;
        Ok(AcceptInvitationPayload {
            session,
            user_errors,
        })
    }
}
