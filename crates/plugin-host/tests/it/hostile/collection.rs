//! The hostile plugins of `tests/support/hostile`, compiled on the spot.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use jackfield_plugin_host::{Host, HostConfig, Isolation};

use crate::world::Plugins;

/// One hostile plugin, as `cases.txt` lists it.
pub struct Case {
    pub at_load: bool,
    pub name: &'static str,
    source: &'static str,
}

/// Every hostile plugin, in the order of the list.
pub fn cases() -> impl Iterator<Item = Case> {
    let list = include_str!("../../support/hostile/cases.txt");
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| {
        let mut words = line.split(' ');
        let mut word = || words.next().expect("when, name and source");
        Case {
            at_load: word() == "load",
            name: word(),
            source: word(),
        }
    })
}

impl Case {
    fn compile(&self, file: &Path) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/hostile");
        let source = folder.join(self.source);
        let mut command = match self.source.rsplit('.').next() {
            Some("rs") => {
                let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
                let mut command = Command::new(rustc);
                command.args(["--edition=2024", "--crate-type=cdylib"]);
                command
            }
            Some("cpp") => compiler("c++", "-std=c++11", self.name),
            _ => compiler("cc", "-std=gnu11", self.name),
        };
        let done = command.arg(source).arg("-o").arg(file).output().unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{}: {said}", self.name);
    }
}

fn compiler(program: &str, standard: &str, name: &str) -> Command {
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugin-abi/include");
    let mut command = Command::new(program);
    command
        .args([standard, "-shared", "-fPIC", "-O1", "-w", "-pthread", "-I"])
        .arg(include)
        .arg(format!("-D{}", name.to_uppercase()))
        .arg(format!("-DNAME=\"{name}\""));
    command
}

/// Compiles those that are asked for, and the good one, into one directory.
pub fn compile(wanted: impl Fn(&Case) -> bool) -> Plugins {
    let plugins = Plugins::new();
    let good = Case {
        at_load: false,
        name: "good",
        source: "good.c",
    };
    let jobs: Vec<(Case, PathBuf)> = cases()
        .filter(wanted)
        .chain([good])
        .map(|case| {
            let file = plugins.file(case.name);
            (case, file)
        })
        .collect();
    std::thread::scope(|scope| {
        for part in jobs.chunks(jobs.len().div_ceil(4)) {
            scope.spawn(move || part.iter().for_each(|(case, file)| case.compile(file)));
        }
    });
    plugins
}

/// A host of these plugins that loses patience soon.
pub async fn open(plugins: &Plugins, change: impl FnOnce(&mut HostConfig)) -> Host {
    let mut config = plugins.config(Isolation::Process);
    config.limits.resume = Duration::from_secs(3);
    config.limits.start = Duration::from_secs(8);
    config.limits.effects = 20_000;
    change(&mut config);
    Host::open(config).await
}
