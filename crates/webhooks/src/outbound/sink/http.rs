//! A POST to a URL.

use http::{Method, StatusCode};
use jackfield_connected_apps::retry_after;
use jackfield_egress::{Egress, Request};
use url::Url;

use super::{Answer, KEPT, Message, Sink, text};

/// Answers at which the other side is to be spared for a while.
const SLOW: [StatusCode; 3] = [
    StatusCode::TOO_MANY_REQUESTS,
    StatusCode::BAD_GATEWAY,
    StatusCode::GATEWAY_TIMEOUT,
];

/// Where messages are posted to.
#[derive(Debug)]
pub(in crate::outbound) struct Http(Url);

impl Http {
    pub fn new(url: Url) -> Self {
        Self(url)
    }

    pub fn url(&self) -> &Url {
        &self.0
    }
}

impl Sink for Http {
    async fn send(&self, egress: &Egress, message: Message) -> Answer {
        let request = Request {
            headers: message.headers,
            body: message.body,
            timeout: Some(message.patience),
            max_bytes: Some(KEPT),
            truncate: true,
            follow_redirects: false,
            ..Request::new(Method::POST, self.0.clone())
        };
        let answer = match egress.send(request).await {
            Ok(answer) => answer,
            Err(error) => return error.into(),
        };
        let status = answer.status;
        Answer {
            status: Some(status.as_u16()),
            text: Some(text(&answer.body)),
            refusal: (!status.is_success()).then(|| refusal(status)),
            slow_down: SLOW.contains(&status),
            retry_after: retry_after(&answer.headers, message.at),
            gone: status == StatusCode::GONE,
        }
    }
}

fn refusal(status: StatusCode) -> String {
    let remedy = match status {
        StatusCode::GONE => "the endpoint was made inactive",
        status if status.is_redirection() => {
            "redirects are not followed: enter the URL to which it leads"
        }
        _ => "only a status from 200 to 299 counts as received",
    };
    format!("HTTP_STATUS: answered {}; {remedy}", status.as_u16())
}
