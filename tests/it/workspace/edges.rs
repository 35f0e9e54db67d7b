//! Who may depend on whom.

use anyhow::{Context, Result};

use super::members::{Dependency, Member, members};

/// Each folder with the folders that it may depend on. What is not listed is forbidden; `plugins/*` is any plugin.
const EDGES: &[(&str, &[&str])] = &[
    (
        "crates/server",
        &[
            "crates/graphql",
            "crates/workflows",
            "crates/webhooks",
            "crates/connected-apps",
            "crates/plugin-host",
            "crates/storage",
            // The server makes the one Egress from its configuration and fetches an issuer's keys through it.
            "crates/egress",
        ],
    ),
    (
        "crates/graphql",
        &[
            "crates/workflows",
            "crates/webhooks",
            "crates/connected-apps",
            "crates/plugin-host",
            "crates/storage",
        ],
    ),
    (
        "crates/workflows",
        &[
            "crates/connected-apps",
            "crates/plugin-host",
            "crates/egress",
            "crates/storage",
        ],
    ),
    (
        "crates/webhooks",
        &[
            "crates/connected-apps",
            "crates/plugin-host",
            "crates/egress",
            "crates/storage",
        ],
    ),
    (
        "crates/connected-apps",
        &["crates/plugin-host", "crates/egress", "crates/storage"],
    ),
    (
        "crates/plugin-host",
        &["crates/plugin-abi", "crates/egress"],
    ),
    (
        "crates/plugin-sdk",
        &["crates/plugin-abi", "crates/plugin-sdk-derive"],
    ),
    ("crates/plugin-sdk-derive", &[]),
    ("crates/plugin-abi", &[]),
    ("crates/storage", &["migrations"]),
    ("crates/egress", &[]),
    ("crates/xtask", &[]),
    ("migrations", &[]),
    ("plugins/*", &["crates/plugin-sdk"]),
    // The harness drives the binary from outside and shares nothing with it.
    ("tests", &[]),
];

/// Crates that open connections or speak HTTP as a client, and the folders that may have them.
const CLIENTS: &[&str] = &[
    "async-nats",
    "curl",
    "hyper",
    "hyper-util",
    "isahc",
    "reqwest",
    "socket2",
    "tokio-tungstenite",
    "tungstenite",
    "ureq",
];
const MAY_CONNECT: &[&str] = &["crates/egress", "tests"];

/// The folders whose tests run on a database, or on a broker.
const BORROWERS: &[&str] = &[
    "crates/egress",
    "crates/storage",
    "crates/connected-apps",
    "crates/workflows",
    "crates/webhooks",
];

#[test]
fn every_edge_between_members_is_listed() -> Result<()> {
    for member in members()? {
        let allowed = allowed(&member)?;
        for dependency in &member.dependencies {
            let Some(target) = &dependency.member else {
                continue;
            };
            assert!(
                allowed.contains(&target.as_str())
                    || for_tests_only(&member, target, dependency.development),
                "{} depends on {target}; the table in this file and ARCHITECTURE.md do not list that edge",
                member.folder,
            );
        }
    }
    Ok(())
}

#[test]
fn every_listed_folder_is_a_member() -> Result<()> {
    let members = members()?;
    for (folder, _) in EDGES {
        let pattern = folder.strip_suffix('*').unwrap_or(folder);
        assert!(
            members
                .iter()
                .any(|member| member.folder.starts_with(pattern)),
            "{folder} is no member"
        );
    }
    Ok(())
}

#[test]
fn the_plugin_abi_has_no_dependencies_without_features() -> Result<()> {
    let members = members()?;
    let abi = members
        .iter()
        .find(|member| member.folder == "crates/plugin-abi")
        .context("plugin-abi is a member")?;
    assert_eq!(
        abi.default_features,
        Vec::<String>::new(),
        "plugin-abi turns features on by default"
    );
    for dependency in abi
        .dependencies
        .iter()
        .filter(|dependency| !dependency.development)
    {
        assert!(
            dependency.optional,
            "plugin-abi needs {} even without features",
            dependency.name
        );
    }
    Ok(())
}

#[test]
fn only_egress_connects_to_the_outside() -> Result<()> {
    for member in members()? {
        let may_connect = MAY_CONNECT.contains(&member.folder.as_str());
        for dependency in member
            .dependencies
            .iter()
            .filter(|dependency| !dependency.development)
        {
            let connects = CLIENTS.contains(&dependency.name.as_str()) && !only_serves(dependency);
            assert!(
                may_connect || !connects,
                "{} depends on {}",
                member.folder,
                dependency.name
            );
        }
    }
    Ok(())
}

/// Whether it is asked for without its half that connects. The server takes connections with it.
fn only_serves(dependency: &Dependency) -> bool {
    let has_halves = ["hyper", "hyper-util"].contains(&dependency.name.as_str());
    let connects = |feature: &String| feature.starts_with("client") || feature == "full";
    has_halves && !dependency.features.iter().any(connects)
}

fn allowed(member: &Member) -> Result<&'static [&'static str]> {
    let key = if member.folder.starts_with("plugins/") {
        "plugins/*"
    } else {
        &member.folder
    };
    let row = EDGES.iter().find(|(folder, _)| *folder == key);
    Ok(row
        .with_context(|| format!("{} is not in the table of this file", member.folder))?
        .1)
}

/// Tests may turn on features of their own crate; those of the crates that need a database or a broker borrow the private
/// one of the harness.
fn for_tests_only(member: &Member, target: &str, development: bool) -> bool {
    let borrowed = target == "tests" && BORROWERS.contains(&&*member.folder);
    development && (borrowed || member.folder == target)
}
