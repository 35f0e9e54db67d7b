//! What is not published, and who says no to it.

use anyhow::{Context, Result};
use insta::assert_json_snapshot;
use jackfield_tests::nats::{Nats, with_nats};
use jackfield_tests::{Engine, Setup};
use serde_json::json;
use tempfile::TempDir;

use super::{all, create, error, publish, start, until};

with_nats![
    what_the_server_does_not_allow_is_named,
    what_cannot_be_published_to_is_refused,
    an_address_is_checked_when_it_is_dialled,
    a_certificate_is_checked_for_the_name,
];

async fn what_the_server_does_not_allow_is_named(engine: Engine) -> Result<()> {
    let closed = Nats::start_with("authorization { token: \"hush-5501\" }").await?;
    let narrow = "authorization {
        users: [{user: someone, password: none, permissions: {publish: {deny: \"secret.>\"}}}]
    }
    no_auth_user: someone";
    let narrow = Nats::start_with(narrow).await?;
    narrow.create_stream("ORDERS", "orders").await?;
    let jackfield = start(engine).await?;
    let owner = jackfield.owner();
    let mut errors = Vec::new();
    for url in [closed.url("orders"), narrow.url("secret.orders")] {
        let endpoint = create(&owner, &url, &[url.as_str()]).await?;
        publish(&owner, &url, json!({})).await?;
        let told = error(&owner, &endpoint).await?;
        let told = told.as_str().unwrap_or_default();
        let (server, _) = url.rsplit_once('/').unwrap_or_default();
        errors.push(told.replace(server, "[server]"));
    }
    assert_json_snapshot!(errors, @r#"
    [
      "UNAUTHORIZED: [server] does not accept the credentials",
      "UNAUTHORIZED: [server] does not let this client publish to secret.orders"
    ]
    "#);
    // It is the same connection, and what is allowed still goes.
    let endpoint = create(&owner, &narrow.url("orders"), &["a"]).await?;
    publish(&owner, "a", json!({})).await?;
    until(&owner, &endpoint, all(1, "SUCCEEDED")).await?;
    jackfield.finish().await
}

#[expect(clippy::too_many_lines, reason = "each answer is shown whole")]
async fn what_cannot_be_published_to_is_refused(engine: Engine) -> Result<()> {
    let setup = Setup::new(engine)?.environment("JACKFIELD_EGRESS_ALLOW", "127.0.0.2/32");
    let jackfield = setup.start().await?;
    let owner = jackfield.owner();
    let mut errors = Vec::new();
    for url in [
        "nats://10.0.0.8/orders",
        "tls://127.1/orders",
        "nats://2130706433/orders",
        "tls://localhost/orders",
        "nats://[::ffff:127.0.0.1]/orders",
        "nats://broker.example/orders",
        "tls://me:hush@broker.example/orders",
        "tls://broker.example",
        "tls://broker.example/$JS.API.STREAM.DELETE.ORDERS",
        "tls://broker.example/orders.{id}",
        "tls://broker.example/orders.>",
        "ws://broker.example/orders",
    ] {
        let input = json!({"url": url});
        let refused = owner.mutate(
            "createWebhookEndpoint",
            input,
            "webhookEndpoint { id } secret",
        );
        let refused = refused.await?;
        assert_eq!(
            (&refused["webhookEndpoint"], &refused["secret"]),
            (&json!(null), &json!(null))
        );
        errors.push(refused["userErrors"].clone());
    }
    assert_json_snapshot!(errors, @r#"
    [
      [
        {
          "field": [
            "input",
            "url"
          ],
          "code": "FORBIDDEN_ADDRESS",
          "message": "10.0.0.8 is not a public address (private); an operator can allow its range with JACKFIELD_EGRESS_ALLOW"
        }
      ],
      [
        {
          "field": [
            "input",
            "url"
          ],
          "code": "FORBIDDEN_ADDRESS",
          "message": "127.0.0.1 is not a public address (loopback); an operator can allow its range with JACKFIELD_EGRESS_ALLOW"
        }
      ],
      [
        {
          "field": [
            "input",
            "url"
          ],
          "code": "FORBIDDEN_ADDRESS",
          "message": "127.0.0.1 is not a public address (loopback); an operator can allow its range with JACKFIELD_EGRESS_ALLOW"
        }
      ],
      [
        {
          "field": [
            "input",
            "url"
          ],
          "code": "FORBIDDEN_ADDRESS",
          "message": "localhost is not a public address (loopback); an operator can allow its range with JACKFIELD_EGRESS_ALLOW"
        }
      ],
      [
        {
          "field": [
            "input",
            "url"
          ],
          "code": "FORBIDDEN_ADDRESS",
          "message": "::ffff:127.0.0.1 is not a public address (IPv4-mapped); an operator can allow its range with JACKFIELD_EGRESS_ALLOW"
        }
      ],
      [
        {
          "field": [
            "input",
            "url"
          ],
          "code": "INVALID",
          "message": "The URL must begin with tls://. Only addresses in ranges that the operator has allowed (JACKFIELD_EGRESS_ALLOW) may do without."
        }
      ],
      [
        {
          "field": [
            "input",
            "url"
          ],
          "code": "INVALID",
          "message": "this is no URL of a NATS server: it carries a user name or password, which everybody who sees it could read"
        }
      ],
      [
        {
          "field": [
            "input",
            "url"
          ],
          "code": "INVALID",
          "message": "The URL must end with a subject, such as nats://broker.example.com/orders.{type}."
        }
      ],
      [
        {
          "field": [
            "input",
            "url"
          ],
          "code": "INVALID",
          "message": "Nothing can be sent to this subject: subjects that begin with $ are the server's own."
        }
      ],
      [
        {
          "field": [
            "input",
            "url"
          ],
          "code": "INVALID",
          "message": "A subject has nothing in braces but {type}."
        }
      ],
      [
        {
          "field": [
            "input",
            "url"
          ],
          "code": "INVALID",
          "message": "Nothing can be sent to this subject: it has a wildcard in it."
        }
      ],
      [
        {
          "field": [
            "input",
            "url"
          ],
          "code": "INVALID",
          "message": "a URL must start with http:// or https://, not ws:"
        }
      ]
    ]
    "#);
    let made = json!({"url": "NATS://127.0.0.2:4222/orders.{type}"});
    let made = owner.succeed(
        "createWebhookEndpoint",
        made,
        "webhookEndpoint { name url }",
    );
    assert_eq!(
        made.await?["webhookEndpoint"],
        json!({"name": "127.0.0.2", "url": "nats://127.0.0.2/orders.{type}"})
    );
    jackfield.finish().await
}

async fn an_address_is_checked_when_it_is_dialled(engine: Engine) -> Result<()> {
    let nats = Nats::start().await?;
    nats.create_stream("ORDERS", "orders").await?;
    let mut jackfield = start(engine).await?;
    let owner = jackfield.owner();
    let endpoint = create(&owner, &nats.url("orders"), &[]).await?;
    jackfield.terminate().await?;
    jackfield.set("JACKFIELD_EGRESS_ALLOW", None);
    jackfield.restart().await?;
    publish(&owner, "a", json!({})).await?;
    assert_json_snapshot!(error(&owner, &endpoint).await?, @r#""FORBIDDEN_ADDRESS: 127.0.0.1 is not a public address (loopback); an operator can allow its range with JACKFIELD_EGRESS_ALLOW""#);
    jackfield.finish().await
}

async fn a_certificate_is_checked_for_the_name(engine: Engine) -> Result<()> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let configuration =
        "tls { cert_file: \"{folder}/certificate.pem\", key_file: \"{folder}/key.pem\" }";
    let files = [
        ("certificate.pem", made.cert.pem()),
        ("key.pem", made.signing_key.serialize_pem()),
    ];
    let nats = Nats::start_in(nats_folder(&files)?, configuration).await?;
    let trusted = nats.folder().join("certificate.pem");
    let trusted = trusted.to_str().context("a plain name")?;
    let setup = Setup::new(engine)?.environment("SSL_CERT_FILE", trusted);
    let jackfield = setup.start().await?;
    let owner = jackfield.owner();
    let mut errors = Vec::new();
    for name in ["localhost", "127.0.0.1"] {
        // There is no stream: who is told so has come through.
        let endpoint = create(&owner, &nats.tls_url(name, "orders"), &[name]).await?;
        publish(&owner, name, json!({})).await?;
        let told = error(&owner, &endpoint).await?;
        let place = nats.tls_url(name, "");
        errors.push(
            told.as_str()
                .unwrap_or_default()
                .replace(place.trim_end_matches('/'), "[server]"),
        );
    }
    assert_json_snapshot!(errors, @r#"
    [
      "NO_STREAM: no stream takes the subject orders; create one, or change the subject in the endpoint's URL",
      "TLS: the connection to [server] could not be secured: invalid peer certificate: certificate not valid for name \"127.0.0.1\"; certificate is only valid for DnsName(\"localhost\")"
    ]
    "#);
    jackfield.finish().await
}

fn nats_folder(files: &[(&str, String)]) -> Result<TempDir> {
    let folder = TempDir::with_prefix("jackfield-nats-")?;
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text)?;
    }
    Ok(folder)
}
