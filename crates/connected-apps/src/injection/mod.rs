//! Putting credentials on a request, as the scheme's manifest says.

#[cfg(test)]
pub(crate) mod example;
mod proof;
mod template;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderName, HeaderValue, header::AUTHORIZATION};
use jackfield_egress::Outgoing;
use jackfield_plugin_host::messages::{CallError, Injection, When};
use url::Url;
use zeroize::Zeroizing;

use crate::{
    Client, ClientProof, Secret, TokenRequest, credentials::Credentials,
    grant::AuthorizationServer, token::ServiceAccount,
};
pub(crate) use template::fill;
use template::fills;

/// What an injection still needs before the request can go: nothing, or a token.
pub(crate) enum Need {
    Nothing,
    /// One that the client itself is given.
    Token(TokenRequest),
    /// One that a service account is given.
    Assertion(Box<ServiceAccount>),
    /// One that a person has granted.
    Grant(Box<AuthorizationServer>),
}

/// Applies one injection to a hop. A token is not fetched here, but asked for.
pub(crate) fn inject(
    injection: &Injection,
    credentials: &Credentials,
    hop: &mut Outgoing,
) -> Result<Need, CallError> {
    match injection {
        Injection::Header { name, value, when }
            if holds(when.as_ref(), credentials) && fills(value, credentials) =>
        {
            set_header(hop, &fill(name, credentials), &fill(value, credentials))?;
        }
        Injection::Query { name, value, when }
            if holds(when.as_ref(), credentials) && fills(value, credentials) =>
        {
            set_query(hop, &fill(name, credentials), &fill(value, credentials));
        }
        Injection::Basic { username, password } => {
            let pair = Zeroizing::new(format!(
                "{}:{}",
                *fill(username, credentials),
                *fill(password, credentials)
            ));
            let value = Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())));
            set_header(hop, AUTHORIZATION.as_str(), &value)?;
        }
        Injection::OAuth2ClientCredentials {
            token_url,
            client_id,
            client_secret,
            scope,
        } => {
            let url = token_endpoint(token_url, credentials)?;
            let secret = |template| Secret::new(fill(template, credentials).to_string());
            let client = Client {
                id: secret(client_id),
                secret: secret(client_secret),
                proof: ClientProof::HeaderThenBody,
            };
            let scope = fill(scope, credentials);
            let wanted = TokenRequest::client_credentials(url, client, &scope, "");
            return Ok(Need::Token(wanted));
        }
        Injection::JwtBearer {
            token_url,
            issuer,
            private_key,
            key_id,
            scope,
            subject,
        } => {
            let url = token_endpoint(token_url, credentials)?;
            let text = |template| fill(template, credentials).to_string();
            return Ok(Need::Assertion(Box::new(ServiceAccount {
                audience: url.to_string(),
                url,
                issuer: text(issuer),
                private_key: Secret::new(text(private_key)),
                key_id: text(key_id),
                scope: text(scope),
                subject: text(subject),
            })));
        }
        Injection::OAuth2AuthorizationCode { .. } => {
            let server = AuthorizationServer::from_injection(injection, credentials);
            let server = server
                .transpose()
                .map_err(|why| CallError::new(crate::code::CREDENTIAL_UNUSABLE, why))?;
            return Ok(server.map_or(Need::Nothing, |server| Need::Grant(Box::new(server))));
        }
        Injection::TokenProof { name, key } => {
            let key = fill(key, credentials);
            if let Some(proof) = proof::of_token(&hop.headers, &key) {
                set_query(hop, &fill(name, credentials), &proof);
            }
        }
        Injection::Header { .. } | Injection::Query { .. } => {}
        // A host refuses such a plugin at load; a credential is never left off in silence.
        Injection::Unknown { kind } => {
            let message = format!("this server cannot put a credential on a request by {kind:?}");
            return Err(CallError::new(crate::code::CREDENTIAL_UNUSABLE, message));
        }
    }
    Ok(Need::Nothing)
}

fn token_endpoint(template: &str, credentials: &Credentials) -> Result<Url, CallError> {
    fill(template, credentials).parse().map_err(|_| {
        CallError::new(
            crate::code::CREDENTIAL_UNUSABLE,
            "the token URL of the connected app is not a valid URL: correct it in the connected app",
        )
    })
}

/// Sets `Authorization: Bearer` to a token that was fetched.
pub(crate) fn inject_token(token: &str, hop: &mut Outgoing) -> Result<(), CallError> {
    let value = Zeroizing::new(format!("Bearer {token}"));
    set_header(hop, AUTHORIZATION.as_str(), &value)
}

fn holds(when: Option<&When>, credentials: &Credentials) -> bool {
    when.is_none_or(|when| {
        let value = credentials
            .field(&when.field)
            .map_or("", |secret| secret.expose());
        value == when.equals
    })
}

/// Sets a header, replacing what a workflow wrote there. The value is marked so that no layer below prints it.
fn set_header(hop: &mut Outgoing, name: &str, value: &str) -> Result<(), CallError> {
    let unusable = |what| {
        CallError::new(
            crate::code::CREDENTIAL_UNUSABLE,
            format!(
                "the credentials cannot be sent: {what}. Enter them again in the connected app"
            ),
        )
    };
    let name = HeaderName::try_from(name).map_err(|_| unusable("the header name is not valid"))?;
    let mut value = HeaderValue::from_str(value)
        .or_else(|_| HeaderValue::from_bytes(value.as_bytes()))
        .map_err(|_| {
            unusable("a header value must not hold control characters such as line ends")
        })?;
    value.set_sensitive(true);
    hop.headers.insert(name, value);
    Ok(())
}

/// Sets a query parameter, replacing what a workflow wrote there.
fn set_query(hop: &mut Outgoing, name: &str, value: &str) {
    if !hop.url.query_pairs().any(|(other, _)| other == name) {
        hop.url.query_pairs_mut().append_pair(name, value);
        return;
    }
    let kept: Vec<(String, String)> = hop
        .url
        .query_pairs()
        .filter(|(other, _)| other != name)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    hop.url
        .query_pairs_mut()
        .clear()
        .extend_pairs(kept)
        .append_pair(name, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The request that a scheme of the generic provider makes of `GET url`, as text.
    fn sent(url: &str, credentials: &str) -> String {
        let credentials = example::credentials(credentials);
        let provider = example::http();
        let scheme = crate::credentials::scheme(&provider, &credentials).unwrap();
        let mut hop = example::hop(url);
        for injection in &scheme.injection {
            assert!(matches!(
                inject(injection, &credentials, &mut hop).unwrap(),
                Need::Nothing
            ));
        }
        let headers = hop
            .headers
            .iter()
            .map(|(name, value)| format!("\n{name}: {}", value.to_str().unwrap()));
        format!("{}{}", hop.url, headers.collect::<String>())
    }

    #[test]
    fn bearer() {
        let sent = sent(
            "https://api.example.com/a?b=1",
            r#"{"scheme": "bearer", "token": "sk_test"}"#,
        );

        insta::assert_snapshot!(sent, @"
        https://api.example.com/a?b=1
        authorization: Bearer sk_test
        ");
    }

    #[test]
    fn api_key_in_a_header() {
        let credentials =
            r#"{"scheme": "api_key", "name": "X-Api-Key", "value": "k&1", "in": "header"}"#;

        insta::assert_snapshot!(sent("https://api.example.com/", credentials), @"
        https://api.example.com/
        x-api-key: k&1
        ");
    }

    #[test]
    fn api_key_in_the_query() {
        let credentials = r#"{"scheme": "api_key", "name": "key", "value": "k&1", "in": "query"}"#;

        insta::assert_snapshot!(sent("https://api.example.com/?a=%20b", credentials), @"https://api.example.com/?a=%20b&key=k%261");
    }

    #[test]
    fn a_key_that_the_workflow_wrote_itself_is_replaced() {
        let credentials =
            r#"{"scheme": "api_key", "name": "key", "value": "right", "in": "query"}"#;

        insta::assert_snapshot!(sent("https://api.example.com/?key=wrong&a=1", credentials), @"https://api.example.com/?a=1&key=right");
    }

    /// The example of RFC 7617, section 2.
    #[test]
    fn basic() {
        let credentials =
            r#"{"scheme": "basic", "username": "Aladdin", "password": "open sesame"}"#;

        insta::assert_snapshot!(sent("https://api.example.com/", credentials), @"
        https://api.example.com/
        authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==
        ");
    }

    #[test]
    fn a_value_with_a_line_end_is_refused_without_repeating_it() {
        let credentials =
            example::credentials(r#"{"scheme": "bearer", "token": "a\r\nX-Evil: 1"}"#);
        let provider = example::http();
        let scheme = crate::credentials::scheme(&provider, &credentials).unwrap();
        let error = inject(
            &scheme.injection[0],
            &credentials,
            &mut example::hop("https://a.example/"),
        )
        .map(|_| ());

        insta::assert_snapshot!(error.unwrap_err(), @"CREDENTIAL_UNUSABLE: the credentials cannot be sent: a header value must not hold control characters such as line ends. Enter them again in the connected app");
    }
}
