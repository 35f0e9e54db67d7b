//! The connected apps that the nodes of a definition use.

use jackfield_connected_apps::AppChoice;
use jackfield_storage::ReadRows;
use jackfield_storage::access::{Permit, Read};
use jackfield_storage::connected_app::{self, ConnectedApp};
use jackfield_storage::ids::ConnectedAppId;
use jackfield_storage::{Problem, ProblemCode, StorageError};

use crate::definition::{Definition, Node};
use crate::nodes::{Behaviour, Trigger};

/// A connected app has to be there, and to be one of the node's provider; and a node that cannot do without has to have one,
/// or its provider a default.
pub(super) async fn check<C: ReadRows>(
    db: &C,
    permit: &Permit<Read>,
    definition: &Definition,
    problems: &mut Vec<Problem>,
) -> Result<(), StorageError> {
    let (ids, providers) = (named(definition), by_default(definition));
    let mut apps = match ids.is_empty() {
        true => Vec::new(),
        false => connected_app::find_many(db, permit, &ids).await?,
    };
    if !providers.is_empty() {
        apps.extend(connected_app::defaults(db, permit, &providers).await?);
    }
    check_against(&apps, definition, problems);
    Ok(())
}

/// The apps that nodes name.
pub(super) fn named(definition: &Definition) -> Vec<ConnectedAppId> {
    let nodes = definition.nodes();
    nodes.filter_map(|(_, node)| node.connected_app).collect()
}

/// The providers whose default app nodes use.
pub(super) fn by_default(definition: &Definition) -> Vec<String> {
    let of_node = |node: &Node| match node.app() {
        AppChoice::DefaultOf(provider) => Some(provider.to_owned()),
        AppChoice::None | AppChoice::Named(_) => None,
    };
    let nodes = definition.nodes();
    nodes.filter_map(|(_, node)| of_node(node)).collect()
}

/// The same as [`check`] with those of the named apps and of the defaults that there are.
pub(super) fn check_against(
    apps: &[ConnectedApp],
    definition: &Definition,
    problems: &mut Vec<Problem>,
) {
    for (index, node) in definition.nodes() {
        if let Some((code, message)) = fault(node, apps) {
            let index = index.index().to_string();
            let field = ["definition", "nodes", &index, "connectedAppId"];
            problems.push(Problem::new(field, code, message));
        }
    }
}

fn fault(node: &Node, apps: &[ConnectedApp]) -> Option<(ProblemCode, String)> {
    let kind = &node.kind;
    let Some(id) = node.connected_app else {
        if matches!(kind.behaviour, Behaviour::Trigger(Trigger::Plugin)) {
            let message = format!(
                "node `{}` (`{}`) listens to the webhooks of one connected app: say of which",
                node.key, kind.name
            );
            return Some((ProblemCode::Required, message));
        }
        let AppChoice::DefaultOf(provider) = node.app() else {
            return None;
        };
        let is_there = |app: &ConnectedApp| app.is_default && app.provider == provider;
        if apps.iter().any(is_there) {
            return None;
        }
        let message = format!(
            "node `{}` (`{}`) needs a connected app of `{provider}`, and there is none; connect one",
            node.key, kind.name
        );
        return Some((ProblemCode::Required, message));
    };
    let Some(app) = apps.iter().find(|app| app.id == id) else {
        let message =
            format!("there is no connected app {id}; see connectedApps for those there are");
        return Some((ProblemCode::NotFound, message));
    };
    // Whose events it waits for: any app has some.
    if matches!(kind.behaviour, Behaviour::Trigger(Trigger::Event)) {
        return None;
    }
    let message = match &kind.provider {
        None => format!(
            "a node of type `{}` uses no connected app; remove it",
            kind.name
        ),
        Some(provider) if app.provider != *provider => format!(
            "`{}` is an app of `{}`, but the node needs one of `{provider}`",
            app.name, app.provider
        ),
        Some(_) => return None,
    };
    Some((ProblemCode::Invalid, message))
}
