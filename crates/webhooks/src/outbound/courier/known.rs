//! Which endpoints an event goes to, from memory.

use std::collections::HashMap;
use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue, header::CONTENT_TYPE};
use jackfield_connected_apps::{Echoes, TokenRequest};
use jackfield_storage::{
    NewEvent,
    ids::{WebhookEndpointId, WorkspaceId},
    webhook_endpoint::WebhookEndpoint,
};
use serde_json::Value;

use super::Shared;
use super::lane::Lane;
use crate::outbound::{
    Compiled, SOURCE_OPERATIONAL, authentication,
    headers::CustomHeaders,
    keys::{Keys, SigningKey},
    sink::Outlet,
};

/// An endpoint with what is needed to send to it, or the sentence that says why nothing can be sent.
pub(super) struct Target {
    pub endpoint: WebhookEndpoint,
    pub ready: Result<Ready, String>,
    /// Which events it gets of those that it asks for.
    pub filter: Option<Arc<dyn Compiled>>,
    pub lane: Arc<Lane>,
}

/// What messages to an endpoint are made of.
pub(super) struct Ready {
    pub outlet: Outlet,
    /// The headers that all messages have; those that may be secret are marked as sensitive.
    pub headers: HeaderMap,
    /// What the access token is asked for with that requests have besides.
    pub token: Option<TokenRequest>,
    /// What must not come back in answers.
    pub echoes: Echoes,
    pub keys: Vec<SigningKey>,
    /// What is sent in place of the usual body.
    pub transformation: Option<Arc<dyn Compiled>>,
}

/// All endpoints, as of some number of changes.
#[derive(Default)]
pub(super) struct Known {
    pub version: Option<u64>,
    workspaces: HashMap<WorkspaceId, Subscribers>,
    targets: HashMap<WebhookEndpointId, Arc<Target>>,
}

/// The active endpoints of a workspace.
#[derive(Default)]
struct Subscribers {
    exact: HashMap<String, Vec<Arc<Target>>>,
    /// What a type begins with; nothing for those that get every type.
    prefixes: Vec<(String, Arc<Target>)>,
}

impl Known {
    pub fn new(version: u64) -> Self {
        Self {
            version: Some(version),
            ..Self::default()
        }
    }

    pub fn add(&mut self, target: Target) {
        let target = Arc::new(target);
        let endpoint = &target.endpoint;
        self.targets.insert(endpoint.id, target.clone());
        if !endpoint.active {
            return;
        }
        let subscribers = self.workspaces.entry(endpoint.workspace_id).or_default();
        let types = endpoint.types();
        if types.is_empty() {
            subscribers.prefixes.push((String::new(), target.clone()));
        }
        for name in types {
            match name.strip_suffix('*') {
                Some(prefix) => subscribers
                    .prefixes
                    .push((prefix.to_owned(), target.clone())),
                None => subscribers
                    .exact
                    .entry(name)
                    .or_default()
                    .push(target.clone()),
            }
        }
    }

    pub fn target(&self, id: WebhookEndpointId) -> Option<&Arc<Target>> {
        self.targets.get(&id)
    }

    /// Whether requests to an endpoint carry an access token.
    pub fn wants_token(&self, id: WebhookEndpointId) -> bool {
        let ready = self.target(id).map(|target| &target.ready);
        ready.is_some_and(|ready| ready.as_ref().is_ok_and(|ready| ready.token.is_some()))
    }

    /// The active endpoints of a workspace that want an event, each once. What the sender says of itself goes only to those
    /// that name its type: a customer has no use for it.
    pub fn of(&self, workspace: WorkspaceId, event: &NewEvent) -> Vec<&Arc<Target>> {
        let event_type = event.event_type.as_str();
        let Some(subscribers) = self.workspaces.get(&workspace) else {
            return Vec::new();
        };
        let mut found: Vec<&Arc<Target>> = subscribers
            .exact
            .get(event_type)
            .into_iter()
            .flatten()
            .filter(|target| target.endpoint.channels.admit(&event.channels))
            .collect();
        if event.source == SOURCE_OPERATIONAL {
            return found;
        }
        for (prefix, target) in &subscribers.prefixes {
            if event_type.starts_with(prefix.as_str())
                && target.endpoint.channels.admit(&event.channels)
                && !found.iter().any(|seen| Arc::ptr_eq(seen, target))
            {
                found.push(target);
            }
        }
        found
    }
}

impl Target {
    /// Makes an endpoint ready, as far as it can be.
    pub fn prepare(endpoint: WebhookEndpoint, shared: &Shared, lane: Arc<Lane>) -> Self {
        let filter = endpoint
            .filter
            .as_deref()
            .map(|filter| shared.compile_filter(filter));
        let (filter, fault) = match filter.transpose() {
            Ok(filter) => (filter, None),
            // It was compiled when it was saved. Rather too much is tried than too little.
            Err(error) => (None, Some(format!("its filter: {error}"))),
        };
        Self {
            ready: fault.map_or_else(|| Ready::of(&endpoint, shared), Err),
            filter,
            endpoint,
            lane,
        }
    }

    /// Whether the endpoint's filter lets an event pass. One that fails lets nothing pass.
    pub fn passes(&self, event: impl FnOnce() -> Value) -> bool {
        let filter = self.filter.as_ref();
        filter.is_none_or(|filter| filter.holds(&event()).unwrap_or(false))
    }
}

impl Ready {
    fn of(endpoint: &WebhookEndpoint, shared: &Shared) -> Result<Self, String> {
        let sealer = &shared.sealer;
        let mut outlet = Outlet::parse(&endpoint.url).map_err(|why| format!("its URL: {why}"))?;
        let keys = Keys::open(sealer, endpoint.workspace_id, endpoint.id, &endpoint.sealed);
        let keys = keys.map_err(|error| format!("its signing key cannot be opened: {error}"))?;
        let keys = keys.signing();
        let mut headers = HeaderMap::new();
        let json = HeaderValue::from_static("application/json");
        headers.insert(CONTENT_TYPE, json);
        let echoes = Echoes::default();
        let custom = CustomHeaders::open(sealer, endpoint)
            .map_err(|error| format!("its headers cannot be opened: {error}"))?;
        for (name, secret) in custom.iter() {
            let parsed: Result<HeaderName, _> = name.parse();
            let name = parsed.map_err(|_| format!("its header {name}"))?;
            let value: Result<HeaderValue, _> = secret.expose().parse();
            let mut value = value.map_err(|_| format!("its header {name}"))?;
            value.set_sensitive(true);
            headers.insert(name, value);
            echoes.add(secret.expose());
        }
        let credential = authentication::open(sealer, endpoint, &echoes)
            .map_err(|error| format!("its authentication cannot be used: {error}"))?;
        let token = match credential {
            Some(credential) => outlet
                .authenticate(credential, &mut headers)
                .map_err(|why| format!("its authentication cannot be used: {why}"))?,
            None => None,
        };
        let transformation = endpoint.transformation.as_ref();
        let transformation =
            transformation.map(|wanted| shared.config.expressions.compile(&wanted.value()));
        Ok(Self {
            transformation: transformation
                .transpose()
                .map_err(|error| format!("its transformation: {error}"))?,
            outlet,
            headers,
            token,
            echoes,
            keys,
        })
    }
}
