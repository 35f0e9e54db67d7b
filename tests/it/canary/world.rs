//! Where the secrets are planted, and what is done with them.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jackfield_tests::shop::ShopApp;
use jackfield_tests::{
    Client, InboundHook, Jackfield, Postmark, Receiver, Reply, SESSION, graph, node, start_then,
};
use serde_json::{Value, json};

use super::search::{Secret, spellings};

/// How long a subscription is listened to that has nothing more to say.
pub const SILENCE: Duration = Duration::from_millis(500);

const BEARER: &str = "canary-bearer-token-4801";
const QUERY_KEY: &str = "canary-query-key-4802";
const BASIC: &str = "canary-basic-password-4803";
const CLIENT: &str = "canary-client-secret-4804";
const ACCESS: &str = "canary-access-token-4805";
const REFUSED: &str = "canary-refused-token-4806";
const REVEALED: &str = "canary-revealed-key-4807";
const STRIPE_HOOK: &str = "whsec_canary-hook-secret-4808";
const BASIC_HOOK: &str = "canary-hook-password-4809";
const BEARER_HOOK: &str = "canary-hook-bearer-4810";
const NEW_HOOK: &str = "whsec_canary-new-hook-secret-4811";
const ENDPOINT_HEADER: &str = "canary-endpoint-header-4812";
const ENDPOINT_BEARER: &str = "canary-endpoint-bearer-4813";
const PASSWORD: &str = "canary password of a user 4814";
const WRONG_PASSWORD: &str = "canary wrong password 4815";
const STRANGE_TOKEN: &str = "canary-strange-token-4816";
const BROKEN: &str = "canary-in-a-broken-request-4817";
const TOKEN_DESCRIPTION: &str = "canary-client-secret-4818";

/// A server with secrets in it.
pub struct World<'j> {
    jackfield: &'j Jackfield,
    owner: Client,
    outside: Receiver,
    postmark: Postmark,
    pub secrets: Vec<Secret>,
    /// All that the API has said that is not meant to show a secret.
    pub said: String,
    apps: Vec<(&'static str, Value)>,
}

impl<'j> World<'j> {
    pub async fn new(jackfield: &'j Jackfield) -> Result<Self> {
        let mut world = Self {
            owner: jackfield.owner(),
            jackfield,
            outside: Receiver::start().await?,
            postmark: Postmark::start().await?,
            secrets: Vec::new(),
            said: String::new(),
            apps: Vec::new(),
        };
        for (what, text) in [
            ("a bearer token", BEARER),
            ("a key in the query", QUERY_KEY),
            ("a password", BASIC),
            ("a client secret", CLIENT),
            ("an access token", ACCESS),
            ("a token that is refused", REFUSED),
            ("a key that a plugin may see", REVEALED),
            ("a hook's secret", STRIPE_HOOK),
            ("a hook's password", BASIC_HOOK),
            ("a hook's token", BEARER_HOOK),
            ("a hook's new secret", NEW_HOOK),
            ("an endpoint's header", ENDPOINT_HEADER),
            ("an endpoint's token", ENDPOINT_BEARER),
            ("a user's password", PASSWORD),
            ("a wrong password", WRONG_PASSWORD),
            ("a token that nobody knows", STRANGE_TOKEN),
            ("a secret in a broken request", BROKEN),
            (
                "a client secret that the provider repeats",
                TOKEN_DESCRIPTION,
            ),
        ] {
            world.keeps(what, text);
        }
        Ok(world)
    }

    /// Something must not come out from now on.
    pub fn keeps(&mut self, what: &str, text: &str) {
        self.secrets.push(Secret {
            what: what.to_owned(),
            text: text.to_owned(),
        });
    }

    pub fn saw(&mut self, text: &str) {
        self.said.push_str(text);
        self.said.push('\n');
    }

    /// Sends a mutation whose answer shows no secret, whatever it is.
    async fn change(&mut self, mutation: &str, input: Value, selection: &str) -> Result<Value> {
        let answer = self.owner.try_mutate(mutation, input, selection).await?;
        self.saw(&answer.body.to_string());
        Ok(answer.body["data"][mutation].clone())
    }

    /// Sends one that shows a secret this once, which is kept from now on.
    async fn made(&mut self, mutation: &str, input: Value, member: &str) -> Result<String> {
        let payload = self.owner.succeed(mutation, input, member).await?;
        let secret = payload[member]
            .as_str()
            .context("it is shown once")?
            .to_owned();
        self.keeps(&format!("{member} of {mutation}"), &secret);
        Ok(secret)
    }

    /// A key, a user, sessions, wrong passwords.
    pub async fn accounts(&mut self) -> Result<()> {
        let key = json!({"name": "CI", "role": "EDITOR"});
        let key = self.made("createApiKey", key, "secret").await?;
        let told = self
            .owner
            .with_token(&key)
            .data("{ viewer { __typename } }")
            .await?;
        self.saw(&told.to_string());
        let invite = json!({"email": "ada@example.com", "role": "EDITOR"});
        let token = self.made("inviteUser", invite, "token").await?;
        let accept = json!({"token": token, "name": "Ada", "password": PASSWORD});
        let anonymous = self.owner.anonymous();
        let accepted = anonymous
            .succeed("acceptInvitation", accept, SESSION)
            .await?;
        for member in ["token", "refreshToken"] {
            let secret = accepted["session"][member].as_str().context("a session")?;
            self.keeps(&format!("the {member} of a session"), secret);
        }
        let token = accepted["session"]["token"].as_str().unwrap_or_default();
        let signed_in = self.owner.with_token(token);
        self.saw(
            &signed_in
                .data("{ viewer { __typename } }")
                .await?
                .to_string(),
        );
        for password in [
            json!(WRONG_PASSWORD),
            json!([WRONG_PASSWORD]),
            json!({"is": WRONG_PASSWORD}),
        ] {
            let input = json!({"email": "ada@example.com", "password": password});
            let answer = anonymous.try_mutate("signIn", input, SESSION).await?;
            self.saw(&answer.body.to_string());
        }
        Ok(())
    }

    /// One app of each scheme, whose service says back what it was sent.
    pub async fn connected_apps(&mut self) -> Result<()> {
        let issued = json!({"access_token": ACCESS, "token_type": "Bearer", "expires_in": 3600});
        self.outside.answer("/token", [Reply::json(200, &issued)]);
        let client = json!({
            "scheme": "oauth2_client_credentials", "tokenUrl": self.outside.url("/token"), "clientId": "jackfield",
            "clientSecret": CLIENT,
        });
        for (path, credentials) in [
            ("bearer", json!({"scheme": "bearer", "token": BEARER})),
            (
                "query",
                json!({"scheme": "api_key", "name": "key", "value": QUERY_KEY, "in": "query"}),
            ),
            (
                "basic",
                json!({"scheme": "basic", "username": "ada", "password": BASIC}),
            ),
            ("client", client),
        ] {
            let input = json!({"provider": "http", "name": path, "credentials": credentials});
            let made = self
                .change("connectApp", input, "connectedApp { id maskedCredential }")
                .await?;
            self.apps.push((path, made["connectedApp"]["id"].clone()));
        }
        let basic = BASE64_STANDARD.encode(format!("ada:{BASIC}"));
        for (path, secret) in [
            ("bearer", BEARER),
            ("query", QUERY_KEY),
            ("basic", &basic),
            ("client", ACCESS),
        ] {
            let said = json!({"you": [secret, format!("Bearer {secret}"), BASE64_STANDARD.encode(secret)]});
            let echo = |status| Reply::json(status, &said).header("x-you-sent", secret);
            self.outside
                .answer(&format!("/{path}"), [echo(200), echo(500), echo(403)]);
            let there = format!("{}?said={secret}", self.outside.url(&format!("/{path}")));
            self.outside
                .answer(&format!("/{path}/moved"), [Reply::redirect(302, &there)]);
            let round = self.outside.url(&format!("/{path}/round?said={secret}"));
            self.outside
                .answer(&format!("/{path}/round"), [Reply::redirect(302, &round)]);
        }
        Ok(())
    }

    /// Credentials that are refused, with words that repeat them, and requests that cannot even be read.
    pub async fn refused_apps(&mut self) -> Result<()> {
        let message = format!("The token {REFUSED} is wrong.");
        let error = json!({"ErrorCode": 10, "Message": message});
        self.postmark
            .outside
            .answer("/server", [Reply::json(401, &error)]);
        let mut input = self.postmark.input("Refused");
        input["credentials"] = json!({"serverToken": REFUSED, "accountToken": REFUSED});
        self.change("connectApp", input.clone(), "connectedApp { id }")
            .await?;
        // Stored all the same, it is refused when it is checked.
        input["skipTest"] = true.into();
        let made = self
            .change("connectApp", input, "connectedApp { id }")
            .await?;
        let id = json!({"connectedAppId": made["connectedApp"]["id"]});
        let checked = "connectedApp { status lastHealthCheck { ok message } }";
        let checked = self.change("checkConnectedApp", id, checked).await?;
        ensure!(
            checked["connectedApp"]["status"] == "NEEDS_REAUTH",
            "{checked:#}"
        );

        let description = format!("the secret {TOKEN_DESCRIPTION} is wrong");
        let refused = json!({"error": "invalid_client", "error_description": description});
        self.outside
            .answer("/refusing", [Reply::json(401, &refused)]);
        let credentials = json!({
            "scheme": "oauth2_client_credentials", "tokenUrl": self.outside.url("/refusing"), "clientId": "jackfield",
            "clientSecret": TOKEN_DESCRIPTION,
        });
        let input = json!({"provider": "http", "name": "refused", "credentials": credentials});
        let made = self
            .change("connectApp", input, "connectedApp { id }")
            .await?;
        self.apps
            .push(("refused", made["connectedApp"]["id"].clone()));

        for credentials in [
            json!(BROKEN),
            json!([BROKEN]),
            json!({"scheme": BROKEN}),
            json!({"scheme": "bearer", "token": {"is": BROKEN}}),
            json!({"scheme": "bearer", "tokem": BROKEN}),
            json!({"scheme": "bearer", "token": format!("{BROKEN}\r\nX: y")}),
        ] {
            let input = json!({"provider": "http", "name": "broken", "credentials": credentials});
            self.change("connectApp", input, "connectedApp { id }")
                .await?;
        }
        let document = format!(
            "mutation {{ connectApp(input: {{provider: 5, credentials: \"{BROKEN}\"}}) {{ nothing }} }}"
        );
        for document in [document.as_str(), &format!("{{ {document}")] {
            let answer = self.owner.send(document, json!({"token": BROKEN})).await?;
            self.saw(&answer.body.to_string());
        }
        Ok(())
    }

    /// An endpoint with secrets of its own, which refuses what it is sent.
    pub async fn endpoints(&mut self) -> Result<()> {
        let said = json!({"you": [ENDPOINT_HEADER, format!("Bearer {ENDPOINT_BEARER}")]});
        self.outside.answer(
            "/endpoint",
            [Reply::json(500, &said), Reply::json(200, &said)],
        );
        let endpoint = json!({"name": "Customer", "url": self.outside.url("/endpoint"), "eventTypes": ["thing.made"], "options": {
            "customHeaders": [{"name": "X-Tenant", "value": ENDPOINT_HEADER}],
            "authentication": {"bearer": {"token": ENDPOINT_BEARER}},
        }});
        let made = self
            .owner
            .succeed(
                "createWebhookEndpoint",
                endpoint,
                "secret webhookEndpoint { id }",
            )
            .await?;
        let secret = made["secret"].as_str().context("it is shown once")?;
        self.keeps("the key of an endpoint", secret);
        let id = json!({"webhookEndpointId": made["webhookEndpoint"]["id"]});
        let rotated = self
            .made("rotateWebhookSecret", id.clone(), "secret")
            .await?;
        ensure!(rotated != secret, "it is another one");
        self.change(
            "publishEvent",
            json!({"type": "thing.made", "data": {"id": 1}}),
            "event { id }",
        )
        .await?;
        self.outside.wait_for(1).await?;
        self.change("sendTestEvent", id, "delivery { id status }")
            .await?;
        Ok(())
    }

    /// Hooks of several schemes, right and wrong requests.
    pub async fn hooks(&mut self) -> Result<()> {
        let hooks = [
            ("stripe", json!({"scheme": "stripe", "secret": STRIPE_HOOK})),
            (
                "basic",
                json!({"scheme": "basic", "secret": format!("ada:{BASIC_HOOK}")}),
            ),
            (
                "bearer",
                json!({"scheme": "bearer", "header": "x-token", "secret": BEARER_HOOK}),
            ),
        ];
        let seen = node("seen", "debug", json!({"message": "{{ trigger }}"}));
        let triggers = hooks
            .iter()
            .map(|(key, config)| node(key, "webhook", config.clone()));
        let edges = ["stripe -> seen", "basic -> seen", "bearer -> seen"];
        let definition = graph(triggers.chain([seen]), &edges);
        let workflow = self.owner.publish("Hooks", definition).await?;
        let hook = |key: &str| {
            let mut all = workflow.hooks.iter();
            all.find(|hook| hook.node_key == key)
                .cloned()
                .context("a hook")
        };
        let body = json!({"id": "evt_1", "type": "canary"}).to_string();
        let (stripe, basic, bearer) = (hook("stripe")?, hook("basic")?, hook("bearer")?);
        for secret in [STRIPE_HOOK, "whsec_wrong"] {
            let answer = stripe.post_stripe(secret, &body).await?;
            self.saw(&answer.text);
        }
        let user = format!(
            "Basic {}",
            BASE64_STANDARD.encode(format!("ada:{BASIC_HOOK}"))
        );
        let wrong = format!(
            "Basic {}",
            BASE64_STANDARD.encode(format!("ada:{WRONG_PASSWORD}"))
        );
        for (hook, header, value) in [
            (&basic, "authorization", user.as_str()),
            (&basic, "authorization", &wrong),
            (&bearer, "x-token", BEARER_HOOK),
            (&bearer, "x-token", STRANGE_TOKEN),
        ] {
            let headers = [("content-type", "application/json"), (header, value)];
            let answer = hook.post(&headers, body.clone()).await?;
            self.saw(&answer.text);
        }
        self.owner.ended_runs_of(&workflow, 3).await?;
        self.app_hook().await
    }

    /// The hook of an app: the shop's, whose key its plugin may see, too.
    async fn app_hook(&mut self) -> Result<()> {
        let shop = ShopApp::connect(&self.owner, "shop", &self.outside).await?;
        let body = json!({"id": "1", "type": "order.paid"});
        let answer = shop.post(&body).await?;
        self.saw(&answer.text);
        let credentials = json!({"apiKey": REVEALED, "signingKey": REVEALED});
        let input =
            json!({"connectedAppId": shop.id, "credentials": credentials, "skipTest": true});
        self.change("updateConnectedApp", input, "connectedApp { id }")
            .await?;
        let measure = node("measure", "shop", json!({"operation": "measure_key"}));
        let run = self.owner.run_once(start_then(measure), json!({})).await?;
        self.saw(&run.to_string());
        let rotated = json!({"inboundHookId": shop.hook.id, "secret": NEW_HOOK});
        self.change("rotateInboundHookSecret", rotated, "inboundHook { id }")
            .await?;
        let InboundHook { url, .. } = shop.hook;
        let asked = reqwest::get(format!("{url}?token={STRANGE_TOKEN}")).await?;
        let text = asked.text().await?;
        self.saw(&text);
        Ok(())
    }

    /// Runs that succeed, that fail, and whose service says back what it was sent.
    pub async fn runs(&mut self) -> Result<()> {
        let mut nodes = vec![node("start", "manual", json!({}))];
        let mut edges = Vec::new();
        for (path, app) in self.apps.clone() {
            let there = self.outside.url(&format!("/{path}"));
            for (number, url) in [
                there.clone(),
                there.clone(),
                there.clone(),
                format!("{there}/moved"),
                format!("{there}/round"),
                // Nobody listens there.
                "http://127.0.0.1:9/nobody".to_owned(),
            ]
            .into_iter()
            .enumerate()
            {
                let key = format!("{path}{number}");
                let mut call = node(&key, "api-endpoint", json!({"url": url}));
                call["connectedAppId"] = app.clone();
                call["retry"] = json!({"maxAttempts": 1});
                nodes.push(call);
                nodes.push(node(
                    &format!("{key}said"),
                    "debug",
                    json!({"message": format!("{{{{ steps.{key}.output }}}}")}),
                ));
                edges.push(format!("start -> {key}"));
                edges.push(format!("{key} -> {key}said"));
            }
        }
        let edges: Vec<&str> = edges.iter().map(String::as_str).collect();
        let workflow = self.owner.publish("Canaries", graph(nodes, &edges)).await?;
        let run = self.owner.start_run(&workflow, json!({})).await?;
        let document = "subscription($run: ID!) { runUpdates(runId: $run) {
            run { status input output error } step { nodeKey status input output error } } }";
        let mut follow = self
            .jackfield
            .subscribe(document, json!({"run": run}))
            .await?;
        let followed = follow.rest().await?;
        self.saw(&Value::Array(followed).to_string());
        let ended = self.owner.ended(&run).await?;
        self.saw(&ended.to_string());
        for (path, app) in self.apps.clone() {
            let config = json!({"url": self.outside.url(&format!("/{path}"))});
            let tried = json!({"type": "api-endpoint", "config": config, "connectedAppId": app, "input": {}});
            self.change("testNode", tried, "result { output error }")
                .await?;
        }
        Ok(())
    }

    /// A plugin that dies while it has a request under way.
    pub async fn crashes(&mut self) -> Result<()> {
        // Long enough for its process to die meanwhile.
        let slow = Reply::json(200, &json!({"you": BEARER})).after(Duration::from_secs(1));
        self.outside.answer("/slow", [slow]);
        let (_, app) = self.apps[0].clone();
        let mut slow = node(
            "slow",
            "api-endpoint",
            json!({"url": self.outside.url("/slow")}),
        );
        slow["connectedAppId"] = app;
        let workflow = self.owner.publish("Crash", start_then(slow)).await?;
        let before = self.outside.requests_to("/slow").len();
        let run = self.owner.start_run(&workflow, json!({})).await?;
        while self.outside.requests_to("/slow").len() == before {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        for child in self.jackfield.children()? {
            let pid = rustix::process::Pid::from_raw(i32::try_from(child)?).context("a process")?;
            rustix::process::kill_process(pid, rustix::process::Signal::ABORT)?;
        }
        let ended = self.owner.ended(&run).await?;
        self.saw(&ended.to_string());
        Ok(())
    }

    /// Callers whom nobody knows.
    pub async fn strangers(&mut self) -> Result<()> {
        for token in [STRANGE_TOKEN, &format!("jackfield_sk_{STRANGE_TOKEN}")] {
            let answer = self
                .owner
                .with_token(token)
                .send("{ viewer { __typename } }", json!({}))
                .await?;
            self.saw(&answer.body.to_string());
            let refused = self.owner.anonymous();
            let input = json!({"refreshToken": token});
            let answer = refused.try_mutate("refreshSession", input, SESSION).await?;
            self.saw(&answer.body.to_string());
        }
        let bare = reqwest::get(self.jackfield.url(&format!(
            "/oauth/callback?code={STRANGE_TOKEN}&state={STRANGE_TOKEN}"
        )));
        let text = bare.await?.text().await?;
        self.saw(&text);
        Ok(())
    }

    /// Everything that can be read.
    pub async fn read_everything(&mut self) -> Result<()> {
        for document in [
            "{ connectedApps(first: 50) { nodes { id name maskedCredential settings lastHealthCheck { ok message }
                inboundHook { url config requests(first: 100) { nodes { verdict reason detail headers { name value } bodyBase64 event { data } } } }
                uses(first: 100) { nodes { purpose hosts requests reads nodeKey } } } } }",
            "{ workflows(first: 100) { nodes { id published { definition { nodes { key config } } }
                inboundHooks { url config requests(first: 100) { nodes { verdict reason detail headers { name value } bodyBase64 } } } } } }",
            "{ runs(first: 100) { nodes { input output error steps { nodeKey input output error warnings { message } } } } }",
            "{ events(first: 100) { nodes { type data } } }",
            "{ auditLog(first: 100) { nodes { actor { id name } action before after } } }",
            "{ webhookEndpoints(first: 100) { nodes { id url customHeaders } } }",
            "{ deliveries(first: 100) { nodes { status attempts { statusCode responseBody error } } } }",
            "{ apiKeys(first: 100) { nodes { id name } } users(first: 100) { nodes { id email } } invitations(first: 100) { nodes { id email } } }",
        ] {
            let answer = self.owner.send(document, json!({})).await?;
            ensure!(answer.body.get("errors").is_none(), "{document}: {:#}", answer.body["errors"]);
            self.saw(&answer.body.to_string());
        }
        Ok(())
    }

    /// The search would be vain otherwise.
    pub fn all_were_used(&self) -> Result<()> {
        let sent = format!(
            "{:?}{:?}",
            self.outside.requests(),
            self.postmark.outside.requests()
        );
        for secret in [
            BEARER,
            QUERY_KEY,
            BASIC,
            CLIENT,
            ACCESS,
            REFUSED,
            ENDPOINT_HEADER,
            ENDPOINT_BEARER,
            TOKEN_DESCRIPTION,
        ] {
            let was_sent = spellings(secret)
                .iter()
                .any(|spelling| sent.contains(spelling));
            ensure!(was_sent, "{secret} was not used");
        }
        ensure!(self.said.contains("***"), "nobody said anything back");
        Ok(())
    }
}
