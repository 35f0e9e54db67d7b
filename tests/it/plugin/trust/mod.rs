//! From an author's key to a node that runs, and everything that must not.

pub(super) mod bench;

use anyhow::Result;
use insta::assert_snapshot;
use jackfield_tests::{Engine, Jackfield, Receiver, Reply, Setup, example, node, start_then, step};
use serde_json::{Value, json};

use bench::Bench;

fn setup() -> Result<Setup> {
    let setup = Setup::new(Engine::Sqlite)?;
    let setup = setup.environment("JACKFIELD_EGRESS_ALLOW", "127.0.0.0/8,::1");
    Ok(setup.without("JACKFIELD_UNSIGNED_PLUGINS"))
}

/// What the API says about the plugin.
async fn fetcher(jackfield: &Jackfield) -> Result<Value> {
    let query = "{ plugins { nodes { name version status error signer license icon grants { hosts capabilities recorded } } } }";
    let data = jackfield.owner().data(query).await?;
    let mut plugins = data["plugins"]["nodes"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    plugins.retain(|plugin| plugin["name"] == "fetcher");
    Ok(plugins.pop().unwrap_or_default())
}

/// What a run with the node comes to: the version that ran, or the code of the error.
async fn fetch(jackfield: &Jackfield, url: &str) -> Result<String> {
    let definition = start_then(node("fetch", "fetcher", json!({"url": url})));
    let run = jackfield.owner().run_once(definition, json!({})).await?;
    let fetched = step(&run, "fetch");
    let version = fetched["output"]["version"].as_str().map(str::to_owned);
    Ok(version.unwrap_or_else(|| fetched["error"].to_string()))
}

/// A plugin on its way, and the world that it reaches.
struct Story {
    bench: Bench,
    jackfield: Jackfield,
    outside: Receiver,
    first: String,
}

impl Story {
    /// The author makes a key and packs; the operator trusts the key, installs and serves.
    async fn begin() -> Result<Self> {
        let setup = setup()?;
        let bench = Bench::of(&setup)?;
        bench.done(&["keygen", "--no-password", "--out", "acme.key"])?;
        let first = bench.fetcher("1.0.0", &["127.0.0.1"])?;
        let refused = bench.refused(&["install", &first, "--yes"])?;
        assert!(
            refused.contains("signed with a key that is not trusted"),
            "{refused}"
        );
        bench.done(&["trust", "acme.pub", "--name", "Acme"])?;
        let refused = bench.refused(&["install", &first])?;
        assert!(
            refused.contains("no terminal to ask for your consent"),
            "{refused}"
        );
        let installed = bench.done(&["install", &first, "--yes"])?;
        let last = installed.lines().last();
        assert_eq!(
            last,
            Some("fetcher 1.0.0 is installed, with the host 127.0.0.1.")
        );
        Ok(Self {
            bench,
            jackfield: setup.start().await?,
            outside: Receiver::start().await?,
            first,
        })
    }

    fn granted(&self) -> String {
        self.outside.url("/")
    }

    fn elsewhere(&self) -> String {
        self.granted().replace("127.0.0.1", "localhost")
    }

    /// What comes of a request that is sent on to elsewhere.
    async fn redirected(&self) -> Result<String> {
        let reply = Reply::redirect(302, &self.elsewhere());
        self.outside.answer("/away", [reply]);
        fetch(&self.jackfield, &self.outside.url("/away")).await
    }

    async fn start_again(&mut self) -> Result<()> {
        self.jackfield.terminate().await?;
        self.jackfield.restart().await
    }

    /// It runs and reaches what was granted; neither a request nor a redirect gets anywhere else.
    async fn it_reaches_what_was_granted(&self) -> Result<()> {
        insta::assert_json_snapshot!(fetcher(&self.jackfield).await?, @r#"
        {
          "name": "fetcher",
          "version": "1.0.0",
          "status": "READY",
          "error": null,
          "signer": "Acme",
          "license": "MIT",
          "icon": "<svg xmlns='http://www.w3.org/2000/svg'/>",
          "grants": {
            "hosts": [
              "127.0.0.1"
            ],
            "capabilities": [],
            "recorded": true
          }
        }
        "#);
        assert_eq!(fetch(&self.jackfield, &self.granted()).await?, "1.0.0");
        let refused = fetch(&self.jackfield, &self.elsewhere()).await?;
        let remedy = "jackfield plugin grant fetcher --hosts localhost";
        assert!(
            refused.contains("HOST_NOT_GRANTED") && refused.contains(remedy),
            "{refused}"
        );
        let redirected = self.redirected().await?;
        assert!(redirected.contains("HOST_NOT_GRANTED"), "{redirected}");
        Ok(())
    }

    /// Somebody changes one bit of the library.
    async fn it_is_tampered_with(&mut self) -> Result<()> {
        self.bench.flip(&self.bench.installed("1.0.0")?)?;
        self.start_again().await?;
        let refused = fetcher(&self.jackfield).await?;
        assert_eq!(refused["status"], "FAILED", "{refused}");
        let reason = refused["error"].to_string();
        assert!(
            reason.contains("it was changed: its SHA-256 is"),
            "{reason}"
        );
        self.bench.done(&["install", &self.first, "--yes"])?;
        Ok(())
    }

    /// An upgrade asks for more. Without a grant the old version stays; with one the new version runs.
    async fn it_asks_for_more(&mut self) -> Result<()> {
        let hosts = ["127.0.0.1", "localhost"];
        let second = self.bench.fetcher("1.1.0", &hosts)?;
        let refused = self.bench.refused(&["install", &second, "--yes"])?;
        assert_snapshot!(refused, @"jackfield: fetcher 1.1.0 asks for the host localhost, which is not granted. 1.0.0 stays installed. To grant it, add --grant-hosts 'localhost'; to install it without, add --deny-rest");
        self.start_again().await?;
        assert_eq!(fetch(&self.jackfield, &self.granted()).await?, "1.0.0");
        self.bench
            .done(&["install", &second, "--yes", "--grant-hosts", "localhost"])?;
        self.start_again().await?;
        assert_eq!(fetch(&self.jackfield, &self.elsewhere()).await?, "1.1.0");
        assert_eq!(self.redirected().await?, "1.1.0");
        Ok(())
    }

    /// A grant is taken back, and then the trust in the signer.
    async fn it_is_withdrawn(&mut self) -> Result<()> {
        self.bench
            .done(&["grant", "fetcher", "--hosts", "localhost", "--revoke"])?;
        self.start_again().await?;
        let refused = fetch(&self.jackfield, &self.elsewhere()).await?;
        assert!(refused.contains("HOST_NOT_GRANTED"), "{refused}");
        self.bench.done(&["trust", "--remove", "Acme"])?;
        self.start_again().await?;
        let refused = fetcher(&self.jackfield).await?;
        let reason = refused["error"].to_string();
        assert!(reason.contains("no longer trusted"), "{reason}");
        Ok(())
    }
}

async fn the_story(_: Engine) -> Result<()> {
    let mut story = Story::begin().await?;
    story.it_reaches_what_was_granted().await?;
    story.it_is_tampered_with().await?;
    story.it_asks_for_more().await?;
    story.it_is_withdrawn().await?;
    story.jackfield.finish().await
}

#[test]
fn a_plugin_of_a_stranger_is_installed_upgraded_and_withdrawn() -> Result<()> {
    example(Engine::Sqlite, the_story)
}

async fn the_bundles(_: Engine) -> Result<()> {
    let setup = setup()?;
    let bench = Bench::of(&setup)?;
    bench.done(&["keygen", "--no-password", "--out", "acme.key"])?;
    bench.done(&["trust", "acme.pub", "--name", "Acme"])?;
    let first = bench.fetcher("1.0.0", &["127.0.0.1"])?;
    let second = bench.fetcher("1.1.0", &["127.0.0.1"])?;

    // A bundle that was changed after it was signed is refused whatever is allowed.
    let bytes = std::fs::read(bench.file(&first))?;
    std::fs::write(bench.file("cut.jackfield"), &bytes[..bytes.len() / 2])?;
    let refused = bench.refused(&["install", "cut.jackfield", "--yes", "--allow-unsigned"])?;
    assert!(refused.contains("no bundle or a damaged one"), "{refused}");

    bench.done(&["install", &second, "--yes"])?;
    assert_snapshot!(bench.refused(&["install", &first, "--yes"])?, @"jackfield: fetcher-1.0.0.jackfield: fetcher 1.1.0 is installed, which is later than 1.0.0; to go back, add --allow-downgrade");
    bench.done(&["install", &first, "--yes", "--allow-downgrade"])?;

    // Another key, and none.
    bench.done(&["keygen", "--no-password", "--out", "other.key"])?;
    bench.done(&[
        "pack",
        "fetcher-1.1.0",
        "--key",
        "other.key",
        "--out",
        "other.jackfield",
    ])?;
    bench.done(&["trust", "other.pub", "--name", "Other"])?;
    let refused = bench.refused(&["install", "other.jackfield", "--yes"])?;
    assert_snapshot!(refused, @"jackfield: other.jackfield: fetcher 1.0.0 is installed and was signed by Acme, this one is signed by Other; if that is meant to be, add --allow-signer-change");
    bench.done(&["pack", "fetcher-1.1.0", "--out", "unsigned.jackfield"])?;
    let again = bench.done(&["pack", "fetcher-1.1.0", "--out", "again.jackfield"])?;
    assert!(again.contains("not signed"), "{again}");
    assert_eq!(
        std::fs::read(bench.file("unsigned.jackfield"))?,
        std::fs::read(bench.file("again.jackfield"))?
    );
    let refused = bench.refused(&["install", "unsigned.jackfield", "--yes"])?;
    assert_snapshot!(refused, @"jackfield: unsigned.jackfield: it is not signed. Ask its author for a signed one; to install it all the same, add --allow-unsigned");
    bench.done(&[
        "install",
        "other.jackfield",
        "--yes",
        "--allow-signer-change",
    ])?;

    // The list says how it stands, also with the library that nobody vouched for.
    let listed = bench.done(&["list"])?;
    assert_eq!(
        cells_of(&listed, "fetcher"),
        "fetcher 1.1.0 ready | signed by Other | may reach 127.0.0.1 | fetcher"
    );
    let http = "http/libjackfield_plugin_http.so";
    assert!(
        listed.contains(http) && listed.contains("nobody vouched for it"),
        "{listed}"
    );

    // A library that the operator built is taken as it is, and let go again.
    bench.done(&["accept", http, "--yes"])?;
    let listed = bench.done(&["list"])?;
    assert_eq!(
        cells_of(&listed, "http"),
        "http 0.1.0 ready | unsigned | may reach * | api-endpoint, external-webhook"
    );
    bench.done(&["remove", "http"])?;
    bench.done(&["remove", "fetcher"])?;
    let listed = bench.done(&["list"])?;
    assert!(!listed.contains("ready"), "{listed}");
    Ok(())
}

/// The line of a plugin, without what is in force besides, which depends on the machine.
fn cells_of(listed: &str, plugin: &str) -> String {
    let line = listed
        .lines()
        .find(|line| line.split('\t').next() == Some(plugin));
    let cells: Vec<&str> = line.unwrap_or_default().split('\t').collect();
    let [name, version, status, isolation, others @ ..] = &cells[..] else {
        panic!("{listed}");
    };
    assert!(isolation.starts_with("process ("), "{listed}");
    format!("{name} {version} {status} | {}", others.join(" | "))
}

#[test]
fn a_bundle_is_taken_only_as_its_author_made_it() -> Result<()> {
    example(Engine::Sqlite, the_bundles)
}
