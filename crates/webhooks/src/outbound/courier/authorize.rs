//! Access tokens for the endpoints that want one.

use http::{HeaderValue, StatusCode, header::AUTHORIZATION};
use jackfield_connected_apps::{Echoes, Secret};
use jackfield_egress::{Request, Response};

use super::{
    Shared,
    known::{Ready, Target},
};
use crate::outbound::authentication::bearer;

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
        let secret = self.tokens.get(endpoint.id, endpoint.revision, request);
        let secret = secret
            .await
            .map_err(|error| format!("OAUTH_TOKEN: {error}"))?;
        let value = bearer(&secret);
        Ok(value.map(|value| Token { secret, value }))
    }

    /// Sends a request that carries `token`, if there is one; once more with a new one when the receiver does not accept it
    /// any more. What is secret is masked in the answer.
    ///
    /// # Errors
    ///
    /// As [`token`](Self::token).
    pub(super) async fn send(
        &self,
        target: &Target,
        ready: &Ready,
        request: Request,
        token: Option<Token>,
    ) -> Result<Response, String> {
        let Some(token) = token else {
            return self.exchange(ready, request).await;
        };
        let mut again = request.clone();
        let answer = self.exchange(ready, request).await?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok(masked(answer, &token));
        }
        self.tokens
            .refused(&target.endpoint.id, &token.secret)
            .await;
        let Some(token) = self.token(target, ready).await? else {
            return Ok(masked(answer, &token));
        };
        again.headers.insert(AUTHORIZATION, token.value.clone());
        let answer = self.exchange(ready, again).await?;
        Ok(masked(answer, &token))
    }

    async fn exchange(&self, ready: &Ready, request: Request) -> Result<Response, String> {
        let answer = self.egress.send(request).await;
        let mut answer = answer.map_err(|error| format!("{}: {error}", error.code()))?;
        answer.body = ready.echoes.masked(answer.body);
        Ok(answer)
    }
}

fn masked(mut answer: Response, token: &Token) -> Response {
    let echoes = Echoes::default();
    echoes.add(token.secret.expose());
    answer.body = echoes.masked(answer.body);
    answer
}
