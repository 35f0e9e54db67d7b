//! Who may depend on whom.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::members::{Dependency, Member, members, root};

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
            "crates/allocator",
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
    ("crates/allocator", &[]),
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

/// Who may have those of them that have a half which only serves, and of these nothing else.
const MAY_SERVE: &str = "crates/server";
const HALVED: &[&str] = &["hyper", "hyper-util"];

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
            let serves = member.folder == MAY_SERVE && only_serves(dependency);
            let connects = CLIENTS.contains(&dependency.name.as_str()) && !serves;
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
    let connects = |feature: &String| feature.starts_with("client") || feature == "full";
    HALVED.contains(&dependency.name.as_str()) && !dependency.features.iter().any(connects)
}

/// Cargo builds a crate once, with the features of everybody: that the server has not asked for the half that connects does not take it
/// away from its code. So its code is looked at.
#[test]
fn the_server_does_not_touch_the_half_that_connects() -> Result<()> {
    let mut looked = 0;
    for file in sources(&root().join(MAY_SERVE).join("src"))? {
        let text = fs::read_to_string(&file)?;
        looked += usize::from(text.contains("hyper"));
        if let Some(line) = reaches_for_a_client(&text) {
            anyhow::bail!("{} connects by itself: {line}", file.display());
        }
    }
    assert!(looked > 0, "nothing of the server speaks of hyper");
    Ok(())
}

/// The statement that names the half of hyper that connects, or gives hyper another name under which nobody would find it, or opens a
/// socket to somebody.
fn reaches_for_a_client(text: &str) -> Option<String> {
    let code = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default());
    let code: Vec<&str> = code.collect();
    let reaches = |statement: &&str| {
        let mut words = statement.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
        let has = |word: &str| statement.contains(word);
        let connects = [
            "TcpStream::connect",
            "UnixStream::connect",
            "TcpSocket",
            "UdpSocket",
        ];
        let of_hyper = has("hyper::") || has("hyper_util::");
        (of_hyper && words.any(|word| word == "client"))
            || has("hyper as ")
            || has("hyper_util as ")
            || connects.iter().any(|call| has(call))
    };
    let code = code.join("\n");
    code.split(';')
        .find(reaches)
        .map(|found| found.trim().to_owned())
}

#[test]
fn each_way_to_a_client_is_seen() {
    for code in [
        "use hyper::client::conn::http1;",
        "use hyper_util::{rt::TokioIo, client::legacy::Client};",
        "let (sender, connection) = hyper::client::conn::http1::handshake(io).await?;",
        "use hyper as web;",
        "let stream = tokio::net::TcpStream::connect(address).await?;",
    ] {
        assert!(reaches_for_a_client(code).is_some(), "{code}");
    }
    for code in [
        "use hyper::server::conn::http1;",
        "fn client_address(request: &hyper::Request<Incoming>) {}",
        "// The client waits.\nuse hyper::body::Incoming;",
    ] {
        assert_eq!(reaches_for_a_client(code), None, "{code}");
    }
}

/// All files of Rust below a folder.
fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(sources(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(found)
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
