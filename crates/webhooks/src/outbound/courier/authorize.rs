//! Access tokens for the endpoints that want one.

use http::{HeaderValue, StatusCode, header::AUTHORIZATION};
use jackfield_connected_apps::{Echoes, Secret};

use super::{
    Shared,
    known::{Ready, Target},
};
use crate::outbound::authentication::bearer;
use crate::outbound::sink::{Answer, Message, Sink};

/// An access token.
pub(super) struct Token {
    secret: Secret,
    /// The value of `Authorization`.
    pub value: HeaderValue,
}

impl Shared {
    /// The access token for an endpoint, if it wants one. Deliveries to it share one until shortly before it expires.
    ///
    /// # Errors
    ///
    /// A sentence that begins with a code.
    pub(super) async fn token(
        &self,
        target: &Target,
        ready: &Ready,
    ) -> Result<Option<Token>, String> {
        let Some(request) = &ready.token else {
            return Ok(None);
        };
        let endpoint = &target.endpoint;
        let secret = self
            .tokens
            .get(endpoint.id, endpoint.revision, || Ok(request));
        let secret = secret
            .await
            .map_err(|error| format!("OAUTH_TOKEN: {error}"))?;
        let value = bearer(&secret);
        Ok(value.map(|value| Token { secret, value }))
    }

    /// Sends a message that carries `token`, if there is one; once more with a new one when the receiver does not accept it
    /// any more. What is secret is masked in the answer.
    pub(super) async fn send(
        &self,
        target: &Target,
        ready: &Ready,
        message: Message,
        token: Option<Token>,
    ) -> Answer {
        let Some(token) = token else {
            return self.exchange(ready, message).await;
        };
        let mut again = message.clone();
        let answer = self.exchange(ready, message).await;
        if answer.status != Some(StatusCode::UNAUTHORIZED.as_u16()) {
            return masked(answer, &token);
        }
        self.tokens
            .refused(&target.endpoint.id, &token.secret)
            .await;
        let token = match self.token(target, ready).await {
            Ok(Some(fresh)) => fresh,
            Ok(None) => return masked(answer, &token),
            Err(why) => return Answer::none(why),
        };
        again.headers.insert(AUTHORIZATION, token.value.clone());
        masked(self.exchange(ready, again).await, &token)
    }

    async fn exchange(&self, ready: &Ready, message: Message) -> Answer {
        let mut answer = ready.outlet.send(&self.egress, message).await;
        answer.mask(&ready.echoes);
        answer
    }
}

fn masked(mut answer: Answer, token: &Token) -> Answer {
    let echoes = Echoes::default();
    echoes.add(token.secret.expose());
    answer.mask(&echoes);
    answer
}
