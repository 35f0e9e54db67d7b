//! Ids of another workspace, in every argument that takes an id, as each role: the answer is the same as for an id that
//! nothing has.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use jackfield_tests::{Client, Engine, Jackfield, Receiver, Reply, Socket, on_both_engines};
use serde_json::{Value, json};

use super::call::{Filler, Path};
use super::kinds::{EVERY, FIND_NOTHING, LATER, prefixes};
use super::schema::{Field, Schema};
use super::world::{World, missing};

on_both_engines![
    what_is_elsewhere_is_answered_like_what_is_nowhere,
    what_subscriptions_name_elsewhere_is_answered_like_what_is_nowhere,
];

/// How long a subscription is listened to that may have nothing to say.
const SILENCE: Duration = Duration::from_millis(400);

/// The same for one that has to say something.
const ANSWER: Duration = Duration::from_secs(10);

/// Two workspaces on one server: what is in the first is what somebody in the second tries to get at.
struct Pair {
    jackfield: Jackfield,
    schema: Schema,
    victim: World,
    own: World,
    /// The callers of the second, by what they are.
    callers: Vec<(String, Client)>,
}

impl Pair {
    async fn start(engine: Engine) -> Result<(Self, Receiver)> {
        let outside = Receiver::start().await?;
        outside.answer("/in", [Reply::json(200, &json!({}))]);
        let jackfield = Jackfield::start(engine).await?;
        let owner = jackfield.owner();
        let schema = Schema::read(&owner).await?;
        let victim = World::build(&owner, &outside, "a").await?;
        let made = owner
            .succeed("createWorkspace", json!({"name": "other"}), "secret")
            .await?;
        let secret = made["secret"].as_str().context("the owner's key")?;
        let other = jackfield.anonymous().with_token(secret);
        let own = World::build(&other, &outside, "b").await?;
        let mut callers = vec![
            ("a user who is an owner".to_owned(), own.user.client.clone()),
            ("a key of an owner".to_owned(), other.clone()),
        ];
        for role in ["ADMIN", "EDITOR", "VIEWER"] {
            let input = json!({"name": role, "role": role});
            let made = other.succeed("createApiKey", input, "secret").await?;
            let secret = made["secret"].as_str().context("a new key")?;
            callers.push((
                format!("a key of the role {role}"),
                other.with_token(secret),
            ));
        }
        callers.push(("somebody without a token".to_owned(), jackfield.anonymous()));
        let pair = Self {
            jackfield,
            schema,
            victim,
            own,
            callers,
        };
        Ok((pair, outside))
    }

    fn filler(&self) -> Filler<'_> {
        Filler {
            schema: &self.schema,
            own: &self.own.ids,
        }
    }

    /// Every argument of a root that takes an id, with each kind of id that it takes.
    fn cases(&self, root: &str) -> Result<Vec<(Field, Path, &'static str)>> {
        let mut cases = Vec::new();
        for field in self.schema.root(root) {
            for path in self.filler().id_paths(&field) {
                let argument = path.last().map(String::as_str).unwrap_or_default();
                let kinds = prefixes(&field.name, argument).with_context(|| {
                    format!(
                        "{root}.{} takes an id at {path:?}: say in kinds.rs of what",
                        field.name
                    )
                })?;
                cases.extend(
                    kinds
                        .iter()
                        .map(|kind| (field.clone(), path.clone(), *kind)),
                );
            }
        }
        Ok(cases)
    }
}

async fn what_is_elsewhere_is_answered_like_what_is_nowhere(engine: Engine) -> Result<()> {
    let (pair, _outside) = Pair::start(engine).await?;
    for prefix in EVERY {
        ensure!(
            pair.victim.ids.contains_key(prefix),
            "there is no {prefix}_ to try"
        );
    }
    // Who may see everything finds each of them.
    let ids: Vec<&String> = pair.own.ids.values().collect();
    let document = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    let (_, owner) = &pair.callers[1];
    let found = owner.data_with(document, json!({"ids": ids})).await?;
    let expected: Vec<Value> = ids.iter().map(|id| json!({"id": id})).collect();
    assert_eq!(found["nodes"], json!(expected));
    // No field but those of the roots takes an id; a new one that does has to be tried here too.
    for name in pair.schema.outputs() {
        for field in pair.schema.root(name) {
            let takes = field
                .arguments
                .iter()
                .any(|argument| argument.kind.name == "ID");
            ensure!(
                !takes,
                "{name}.{} takes an id, and nothing tries it",
                field.name
            );
        }
    }
    // The comparison is vain where a call is refused for something else than the id.
    let (mut tried, mut vain) = (0, Vec::new());
    for root in ["Query", "Mutation"] {
        for (field, path, kind) in pair.cases(root)? {
            let foreign = &pair.victim.ids[kind];
            let mut reached = false;
            for (who, client) in &pair.callers {
                let there = ask(&pair, client, root, (&field, &path), foreign).await?;
                let nowhere = ask(&pair, client, root, (&field, &path), &missing(foreign)).await?;
                let call = format!("{}({}: {kind}_…) by {who}", field.name, path.join("."));
                assert_eq!(there, nowhere, "{call}");
                let later = path
                    .last()
                    .is_some_and(|name| LATER.contains(&name.as_str()));
                reached |= later || found_nothing(&field, &there.1);
                tried += 1;
            }
            if !reached {
                let (_, owner) = &pair.callers[0];
                let said = ask(&pair, owner, root, (&field, &path), foreign).await?;
                let call = format!("{} at {}", field.name, path.join("."));
                vain.push(format!("{call} never comes to the {kind}_: {}", said.1));
            }
        }
    }
    assert!(vain.is_empty(), "{vain:#?}");
    assert!(tried > 300, "{tried}");
    pair.jackfield.finish().await
}

/// Status and body of an answer, in which the id does not show.
async fn ask(
    pair: &Pair,
    client: &Client,
    root: &str,
    (field, path): (&Field, &Path),
    id: &str,
) -> Result<(u16, Value)> {
    let filler = pair.filler();
    let document = filler.document(root, field, 1);
    let variables = filler.arguments(field, path, &json!(id));
    let answer = client.send(&document, Value::Object(variables)).await?;
    let code = &answer.body["errors"][0]["extensions"]["code"];
    ensure!(
        code != "GRAPHQL_VALIDATION_FAILED",
        "{document}\n{:#}",
        answer.body
    );
    let text = answer.body.to_string().replace(id, "ID");
    let mut body = serde_json::from_str(&text)?;
    mask(&mut body);
    Ok((answer.status, body))
}

/// Hides what is another one with each call: the id and the instants of something that was made.
fn mask(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(mask),
        Value::Object(members) => {
            for (name, member) in members {
                match name.as_str() {
                    "id" | "token" | "refreshToken" => *member = json!(member.is_string()),
                    name if name.ends_with("At") => *member = json!(member.is_string()),
                    _ => mask(member),
                }
            }
        }
        _ => {}
    }
}

/// Whether an answer says that there is no such thing, and nothing else.
fn found_nothing(field: &Field, body: &Value) -> bool {
    if let Some(error) = body["errors"].get(0) {
        return error["extensions"]["code"] == "NOT_FOUND";
    }
    let answer = &body["data"][&field.name];
    if FIND_NOTHING.contains(&field.name.as_str()) {
        return true;
    }
    if let Some(errors) = answer["userErrors"].as_array() {
        // What is wrong with a sign-in is not told.
        return errors
            .iter()
            .any(|error| error["code"] == "NOT_FOUND" || field.name == "signIn");
    }
    match answer {
        Value::Null => true,
        Value::Array(list) => list.iter().all(Value::is_null),
        connection => connection["nodes"] == json!([]),
    }
}

async fn what_subscriptions_name_elsewhere_is_answered_like_what_is_nowhere(
    engine: Engine,
) -> Result<()> {
    let (pair, _outside) = Pair::start(engine).await?;
    let cases = pair.cases("Subscription")?;
    ensure!(!cases.is_empty(), "subscriptions take ids");
    for (field, path, kind) in cases {
        let foreign = &pair.victim.ids[kind];
        let (_, owner) = &pair.callers[1];
        let there = follow(&pair, owner, (&field, &path), foreign).await?;
        let nowhere = follow(&pair, owner, (&field, &path), &missing(foreign)).await?;
        assert_eq!(there, nowhere, "{} of {kind}_…", field.name);
        let nothing = there.is_none() || FIND_NOTHING.contains(&field.name.as_str());
        let refused = there.as_ref().is_some_and(|said| {
            said["type"] == "error" && said["payload"][0]["extensions"]["code"] == "NOT_FOUND"
        });
        assert!(nothing || refused, "{}: {there:?}", field.name);
    }
    pair.jackfield.finish().await
}

/// The first thing that is said, if anything is.
async fn follow(
    pair: &Pair,
    client: &Client,
    (field, path): (&Field, &Path),
    id: &str,
) -> Result<Option<Value>> {
    let filler = pair.filler();
    let document = filler.document("Subscription", field, 1);
    let variables = filler.arguments(field, path, &json!(id));
    let token = client.token().context("a token")?;
    let mut socket = Socket::connect(&pair.jackfield.url("/graphql"), token).await?;
    let payload = json!({"query": document, "variables": variables});
    let message = json!({"id": "1", "type": "subscribe", "payload": payload});
    socket.send(&message).await?;
    let patience = match FIND_NOTHING.contains(&field.name.as_str()) {
        true => SILENCE,
        false => ANSWER,
    };
    match tokio::time::timeout(patience, socket.receive()).await {
        Ok(said) => {
            let text = said?.to_string().replace(id, "ID");
            Ok(Some(serde_json::from_str(&text)?))
        }
        Err(_) => Ok(None),
    }
}
