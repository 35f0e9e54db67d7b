use jackfield_connected_apps::HookSecrets;
use jackfield_storage::{
    Json, Problem, ProblemCode,
    access::{ManageApps, Permit},
    connected_app,
    ids::InboundHookId,
    inbound_hook::{self, HookConfig, InboundHook, Scheme},
};
use serde_json::{Map, Value};

use super::{HookError, check_scheme, rejected};
use crate::inbound::Inbound;

/// The members of the config of an app's hook.
const MEMBERS: [&str; 12] = [
    "scheme",
    "format",
    "header",
    "prefix",
    "encoding",
    "timestampHeader",
    "separator",
    "keyEncoding",
    "verifyToken",
    "allowFrom",
    "maxBytes",
    "maxPerSecond",
];

/// What is to change of the hook of an app; what is absent stays.
#[derive(Default)]
pub struct ChangeHook {
    /// Whether it takes anything.
    pub active: Option<bool>,
    /// Members of its config, over those that there are; null takes one away.
    pub config: Option<Map<String, Value>>,
    /// What its sender signs with, a text or a list of texts, in place of what was; null takes it away.
    pub secret: Option<Value>,
}

impl Inbound {
    /// Changes the hook of an app.
    pub async fn change_hook(
        &self,
        permit: &Permit<ManageApps>,
        id: InboundHookId,
        change: ChangeHook,
    ) -> Result<InboundHook, HookError> {
        let found = inbound_hook::find(self.store.reader(), &permit.read(), id).await?;
        let mut hook = found.ok_or(HookError::NotFound)?;
        let Some(app) = hook.connected_app_id else {
            let message =
                "this hook belongs to a workflow: change its `webhook` node, save and publish it";
            return Err(rejected("inboundHookId", ProblemCode::Conflict, message));
        };
        let mut config: HookConfig = hook.config.parse().unwrap_or_default();
        if let Some(given) = change.config {
            config = merged(&hook.config, given)?;
            let app = connected_app::find(self.store.reader(), &permit.read(), app).await?;
            let app = app.ok_or(HookError::NotFound)?;
            check_scheme(&self.apps, config.scheme, &app.provider)?;
            hook.config = Json::of(&config).map_err(|error| {
                rejected("config", ProblemCode::InvalidConfig, error.to_string())
            })?;
        }
        if let Some(active) = change.active {
            hook.active = active;
        }
        match change.secret {
            None => {}
            Some(Value::Null) => hook.sealed_secret = None,
            Some(secret) => {
                let secrets = HookSecrets::parse(&config, &secret)
                    .map_err(|error| rejected("secret", ProblemCode::Invalid, error.to_string()))?;
                hook.sealed_secret = secrets
                    .map(|secrets| secrets.seal(self.sealer(), hook.workspace_id, hook.id))
                    .transpose()?;
            }
        }
        self.store
            .writer()
            .call(permit, move |call| {
                Box::pin(async move { Ok(inbound_hook::change(call, hook).await?) })
            })
            .await
    }
}

/// The config with these members over its own.
fn merged(config: &Json, given: Map<String, Value>) -> Result<HookConfig, HookError> {
    let problem = |name: &str, message: String| {
        Problem::new(["config", name], ProblemCode::InvalidConfig, message)
    };
    let mut whole: Map<String, Value> = config.parse().unwrap_or_default();
    let mut problems = Vec::new();
    for (name, value) in given {
        if !MEMBERS.contains(&name.as_str()) {
            let message = format!("there is no such member; there are {}", MEMBERS.join(", "));
            problems.push(problem(&name, message));
            continue;
        }
        if value.is_null() {
            whole.remove(&name);
            continue;
        }
        // Each by itself, so that the one that is wrong is named.
        let alone = Map::from_iter([(name.clone(), value.clone())]);
        match serde_json::from_value::<HookConfig>(Value::Object(alone)) {
            Ok(_) => drop(whole.insert(name, value)),
            Err(_) if name == "allowFrom" => {
                let message = "give a list of ranges in CIDR notation, such as 192.0.2.0/24";
                problems.push(problem(&name, message.to_owned()));
            }
            Err(error) => problems.push(problem(&name, error.to_string())),
        }
    }
    let config: Result<HookConfig, _> = serde_json::from_value(Value::Object(whole));
    match config {
        Ok(config) if problems.is_empty() => {
            check(&config)?;
            Ok(config)
        }
        Ok(_) => Err(HookError::Rejected(problems)),
        Err(error) => Err(rejected(
            "config",
            ProblemCode::InvalidConfig,
            error.to_string(),
        )),
    }
}

fn check(config: &HookConfig) -> Result<(), HookError> {
    let has_hmac = matches!(
        config.scheme,
        Scheme::HmacSha1 | Scheme::HmacSha256 | Scheme::HmacSha512
    );
    let fault = match config {
        _ if has_hmac && config.header.is_none() => (
            "header",
            "this scheme needs the name of the header that carries the signature",
        ),
        _ if config.max_per_second == Some(0) => (
            "maxPerSecond",
            "give a number from 1 on; to take nothing switch the hook off",
        ),
        _ if config.max_bytes == Some(0) => ("maxBytes", "give a number from 1 on"),
        _ => return Ok(()),
    };
    let problem = Problem::new(["config", fault.0], ProblemCode::InvalidConfig, fault.1);
    Err(HookError::Rejected(vec![problem]))
}
