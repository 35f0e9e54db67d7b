//! Deliveries that the vendors' own libraries signed: see `vectors.json`, which names library and version of each.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use jackfield_storage::inbound_hook::HookConfig;
use jackfield_webhooks::inbound::{Answer, InboundRequest};
use serde::Deserialize;
use serde_json::Value;

use crate::setting::{Setting, TOKEN};

#[derive(Deserialize)]
struct Vector {
    made_by: String,
    config: HookConfig,
    secret: Value,
    now: i64,
    #[serde(default)]
    query: Option<String>,
    headers: Vec<(String, String)>,
    body: String,
}

impl Vector {
    fn request(&self, body: &str) -> InboundRequest {
        let headers = self.headers.iter().map(|(name, value)| {
            (
                HeaderName::try_from(name).unwrap(),
                HeaderValue::try_from(value).unwrap(),
            )
        });
        InboundRequest {
            method: Method::POST,
            token: TOKEN.into(),
            query: self.query.clone(),
            headers: HeaderMap::from_iter(headers),
            body: Bytes::from(body.to_owned()),
            from: None,
        }
    }
}

#[tokio::test]
async fn what_the_vendors_libraries_sign_is_accepted_and_no_other_body() {
    let vectors: Vec<Vector> = serde_json::from_str(include_str!("vectors.json")).unwrap();
    for vector in vectors {
        let setting = Setting::new(vector.config.clone(), vector.secret.clone(), vector.now).await;
        let changed = setting
            .inbound
            .accept(vector.request(&format!("{} ", vector.body)))
            .await
            .unwrap();
        let answer = setting
            .inbound
            .accept(vector.request(&vector.body))
            .await
            .unwrap();

        assert!(
            matches!(&answer, Answer::Accepted(accepted) if accepted.runs.len() == 1),
            "{}: {answer:?}",
            vector.made_by
        );
        assert!(
            matches!(&changed, Answer::Rejected(rejected) if rejected.status == 401),
            "{}: {changed:?}",
            vector.made_by
        );
    }
}
