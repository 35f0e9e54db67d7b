//! What an author and an operator have at hand: a compiler, and the command line of Jackfield.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use jackfield_tests::Setup;

/// A folder of an author's own, and the plugins directory of a server.
pub struct Bench {
    server: PathBuf,
    home: PathBuf,
    plugins: PathBuf,
}

/// What a command said and how it ended.
pub struct Said {
    /// Its standard output.
    pub out: String,
    /// Its standard error.
    pub err: String,
    /// Whether it exited with 0.
    pub ok: bool,
}

impl Bench {
    pub fn of(setup: &Setup) -> Result<Self> {
        let home = setup.home().join("author");
        fs::create_dir_all(&home)?;
        Ok(Self {
            server: setup.server(),
            plugins: setup.plugins().to_owned(),
            home,
        })
    }

    /// Runs `jackfield plugin …` without a terminal.
    pub fn plugin(&self, arguments: &[&str]) -> Result<Said> {
        let output = Command::new(&self.server)
            .arg("plugin")
            .args(arguments)
            .current_dir(&self.home)
            .env_clear()
            .env("JACKFIELD_PLUGINS", &self.plugins)
            .stdin(Stdio::null())
            .output()?;
        let text = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes);
            text.replace(&*self.plugins.to_string_lossy(), "[plugins]")
        };
        Ok(Said {
            out: text(&output.stdout),
            err: text(&output.stderr),
            ok: output.status.success(),
        })
    }

    /// The same for a command that has to succeed; what it printed.
    pub fn done(&self, arguments: &[&str]) -> Result<String> {
        let said = self.plugin(arguments)?;
        ensure!(said.ok, "jackfield plugin {arguments:?}: {}", said.err);
        Ok(said.out)
    }

    /// The same for a command that has to fail; the reason.
    pub fn refused(&self, arguments: &[&str]) -> Result<String> {
        let said = self.plugin(arguments)?;
        ensure!(!said.ok, "jackfield plugin {arguments:?}: {}", said.out);
        Ok(said.err)
    }

    /// Compiles the plugin and packs it, signed with `acme.key` if there is one. Returns the name of the bundle.
    pub fn fetcher(&self, version: &str, hosts: &[&str]) -> Result<String> {
        let folder = self.home.join(format!("fetcher-{version}"));
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("README.md"), "# Fetcher\n")?;
        fs::write(folder.join("LICENSE"), "MIT\n")?;
        let hosts: Vec<String> = hosts.iter().map(|host| format!("\\\"{host}\\\"")).collect();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let status = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-std=c99", "-Wall", "-Werror"])
            .arg(format!("-DVERSION=\"{version}\""))
            .arg(format!("-DHOSTS=\"{}\"", hosts.join(",")))
            .arg("-I")
            .arg(root.join("../crates/plugin-abi/include"))
            .arg(root.join("it/plugin/trust/fetcher.c"))
            .arg("-o")
            .arg(folder.join("libfetcher.so"))
            .status()?;
        ensure!(status.success(), "cc ended with {status}");
        let folder = folder.to_string_lossy();
        match self.file("acme.key").exists() {
            true => self.done(&["pack", &folder, "--key", "acme.key"])?,
            false => self.done(&["pack", &folder])?,
        };
        Ok(format!("fetcher-{version}.jackfield"))
    }

    /// Packs a library that is there, unsigned.
    pub fn pack(&self, name: &str, version: &str, library: &Path) -> Result<PathBuf> {
        let folder = self.home.join(name);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("README.md"), format!("# {name}\n"))?;
        fs::write(folder.join("LICENSE"), "MIT\n")?;
        let file = library.file_name().context("a library has a name")?;
        fs::copy(library, folder.join(file))?;
        self.done(&["pack", &folder.to_string_lossy()])?;
        Ok(self.file(&format!("{name}-{version}.jackfield")))
    }

    /// A file of a bundle that is installed.
    pub fn installed(&self, version: &str) -> Result<PathBuf> {
        let lib = self.plugins.join("fetcher").join(version).join("lib");
        let mut triples = fs::read_dir(&lib)?;
        let triple = triples.next().context("a bundle has a library")??;
        Ok(triple.path().join("libfetcher.so"))
    }

    /// Changes one bit of a file.
    pub fn flip(&self, file: &Path) -> Result<()> {
        let mut bytes = fs::read(file)?;
        let last = bytes.last_mut().context("a library has bytes")?;
        *last ^= 1;
        Ok(fs::write(file, bytes)?)
    }

    /// A file in the author's folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.home.join(name)
    }
}
