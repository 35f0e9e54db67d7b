use std::path::{Path, PathBuf};

use jackfield_plugin_abi::messages::Manifest;

use super::{Grants, Lock, LockedPlugin, Triple, Unsigned, Wants};
use crate::image::Sha256;

/// Why a file may not become a plugin; a sentence that says what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Refusal(pub(crate) String);

/// What is trusted in a directory of plugins, read once per load of it.
pub(crate) struct Trust {
    unsigned: Unsigned,
    lock: Result<Lock, String>,
    here: Triple,
}

impl Trust {
    pub(crate) fn read(dir: &Path, unsigned: Unsigned) -> Self {
        let lock = Lock::read(dir).map_err(|error| error.to_string());
        if let Err(problem) = &lock {
            tracing::error!(problem, "what is trusted about plugins cannot be read");
        }
        Self {
            unsigned,
            lock,
            here: Triple::here(),
        }
    }

    /// The id of each plugin that came as a bundle, and its library relative to the directory.
    pub(crate) fn bundles(&self) -> Vec<(String, PathBuf)> {
        let plugins = self.lock.iter().flat_map(|lock| &lock.plugins);
        let bundles = plugins.filter(|plugin| plugin.is_bundle());
        let library = |plugin: &LockedPlugin| {
            let library = plugin.libraries.get(&self.here)?;
            Some((plugin.name.clone(), PathBuf::from(&library.file)))
        };
        bundles.filter_map(library).collect()
    }

    /// Decides by its bytes alone whether any code of a file may run. `id` is what the host calls the plugin.
    pub(crate) fn admit(&self, id: &str, sha256: &Sha256) -> Result<(), Refusal> {
        match (self.recorded(id, sha256), self.unsigned) {
            (Ok(_), _) | (Err(_), Unsigned::Allow) => Ok(()),
            (Err(refusal), Unsigned::Refuse) => Err(refusal),
        }
    }

    /// Decides what an admitted file may do, once it has said what it wants.
    pub(crate) fn grant(
        &self,
        id: &str,
        sha256: &Sha256,
        manifest: &Manifest,
    ) -> Result<Grants, Refusal> {
        match (self.recorded(id, sha256), self.unsigned) {
            (Ok((lock, plugin)), _) => granted(lock, plugin, manifest),
            (Err(_), Unsigned::Allow) => Ok(Grants {
                granted: Wants::of(manifest).map_err(|bad| Refusal(bad.to_string()))?,
                signer: None,
                recorded: false,
            }),
            (Err(refusal), Unsigned::Refuse) => Err(refusal),
        }
    }

    /// Whether a plugin that is in service may stay there although its file is another one now.
    pub(crate) fn keeps(&self, id: &str) -> bool {
        let Ok(lock) = &self.lock else { return true };
        let recorded = self.find(lock, id);
        match recorded {
            Some(plugin) => trusted(lock, plugin).is_ok() || self.unsigned == Unsigned::Allow,
            None => self.unsigned == Unsigned::Allow,
        }
    }

    fn find<'l>(&self, lock: &'l Lock, id: &str) -> Option<&'l LockedPlugin> {
        let mut plugins = lock.plugins.iter();
        plugins.find(|plugin| plugin.id(&self.here) == Some(id))
    }

    /// What the lock says about these bytes, or why it says nothing good.
    fn recorded(&self, id: &str, sha256: &Sha256) -> Result<(&Lock, &LockedPlugin), Refusal> {
        let lock = self
            .lock
            .as_ref()
            .map_err(|problem| Refusal(problem.clone()))?;
        let has = |plugin: &&LockedPlugin| {
            let library = plugin.libraries.get(&self.here);
            library.is_some_and(|library| library.sha256 == *sha256)
        };
        if let Some(plugin) = lock.plugins.iter().find(has) {
            trusted(lock, plugin)?;
            return Ok((lock, plugin));
        }
        Err(Refusal(match self.find(lock, id) {
            Some(plugin) => changed(plugin, sha256),
            None => format!(
                "nobody vouched for it: jackfield.lock does not hold its SHA-256 {sha256}. Install its bundle with `jackfield plugin install`, \
                 or take this file as it is with `jackfield plugin accept {id}`; unsigned_plugins = \"allow\" loads every file"
            ),
        }))
    }
}

fn changed(plugin: &LockedPlugin, sha256: &Sha256) -> String {
    let (name, version) = (&plugin.name, &plugin.version);
    let (was, remedy) = match plugin.is_bundle() {
        true => (
            "installed",
            "Install the bundle again with `jackfield plugin install`".to_owned(),
        ),
        false => {
            let file = plugin
                .libraries
                .get(&Triple::here())
                .map(|library| library.file.as_str());
            let file = file.unwrap_or_default();
            (
                "accepted",
                format!("If the change is yours, take it with `jackfield plugin accept {file}`"),
            )
        }
    };
    format!(
        "it was changed: its SHA-256 is {sha256}, which is not what was {was} as {name} {version} at {}. {remedy}",
        plugin.at
    )
}

fn trusted(lock: &Lock, plugin: &LockedPlugin) -> Result<Option<String>, Refusal> {
    let Some(key) = &plugin.signer else {
        return Ok(None);
    };
    let refusal = || {
        Refusal(format!(
            "the key that signed it is no longer trusted: {key}. Trust it again with `jackfield plugin trust`, or let the plugin go with \
             `jackfield plugin remove {}`",
            plugin.name
        ))
    };
    let signer = lock.signer(key).ok_or_else(refusal)?;
    Ok(Some(signer.name.clone()))
}

fn granted(lock: &Lock, plugin: &LockedPlugin, manifest: &Manifest) -> Result<Grants, Refusal> {
    let signer = trusted(lock, plugin)?;
    if (&manifest.name, &manifest.version) != (&plugin.name, &plugin.version) {
        return Err(Refusal(format!(
            "it calls itself {} {}, and jackfield.lock has it as {} {}; install its bundle again",
            manifest.name, manifest.version, plugin.name, plugin.version
        )));
    }
    Ok(Grants {
        granted: plugin.granted(),
        signer,
        recorded: true,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::trust::{Consent, LockedLibrary, Signer};

    const KEY: &str = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";

    fn plugin(name: &str, bytes: &str, file: &str) -> LockedPlugin {
        let library = LockedLibrary {
            file: file.into(),
            sha256: Sha256::of(bytes.as_bytes()),
        };
        LockedPlugin {
            name: name.into(),
            version: "1.0.0".into(),
            signer: None,
            hosts: ["api.acme.example".parse().unwrap()].into(),
            capabilities: ["secret.reveal".to_owned()].into(),
            consent: Consent::Flags,
            at: "2026-01-02T03:04:05Z".into(),
            by: "jackfield 0.1.0".into(),
            sheet: None,
            libraries: BTreeMap::from([(Triple::here(), library)]),
        }
    }

    fn bundle(name: &str, bytes: &str) -> LockedPlugin {
        LockedPlugin {
            signer: Some(KEY.parse().unwrap()),
            sheet: Some(Sha256::of(b"sheet")),
            ..plugin(name, bytes, "acme/1.0.0/lib/here/libacme.so")
        }
    }

    fn trust(unsigned: Unsigned, signers: &[&str], plugins: Vec<LockedPlugin>) -> Trust {
        let signer = |name: &&str| Signer {
            name: (*name).into(),
            key: KEY.parse().unwrap(),
        };
        let lock = Lock {
            signers: signers.iter().map(signer).collect(),
            plugins,
            ..Lock::default()
        };
        Trust {
            unsigned,
            lock: Ok(lock),
            here: Triple::here(),
        }
    }

    fn manifest(name: &str, hosts: &str) -> Manifest {
        let text = format!(
            r#"{{"name": "{name}", "version": "1.0.0", "providers": [{{"name": "p", "title": "P", "hosts": ["{hosts}"], "schemes": []}}]}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    fn verdict(trust: &Trust, id: &str, bytes: &str, name: &str) -> String {
        let sha256 = Sha256::of(bytes.as_bytes());
        let grants = trust
            .admit(id, &sha256)
            .and_then(|()| trust.grant(id, &sha256, &manifest(name, "other.example")));
        match grants {
            Ok(grants) => format!(
                "{}; signer {:?}; recorded {}",
                grants.granted, grants.signer, grants.recorded
            ),
            Err(refusal) => refusal.to_string(),
        }
    }

    #[test]
    fn only_bytes_that_the_lock_holds_are_loaded() {
        let lock = || {
            vec![
                bundle("acme", "good"),
                plugin("own", "mine", "own/libown.so"),
            ]
        };
        let trust = trust(Unsigned::Refuse, &["Acme"], lock());
        insta::assert_snapshot!(verdict(&trust, "acme", "good", "acme"), @r#"the host api.acme.example and the capability secret.reveal; signer Some("Acme"); recorded true"#);
        insta::assert_snapshot!(verdict(&trust, "own/libown.so", "mine", "own"), @"the host api.acme.example and the capability secret.reveal; signer None; recorded true");
        insta::assert_snapshot!(verdict(&trust, "acme", "evil", "acme"), @"it was changed: its SHA-256 is b5c1fb2efc6d6b4674c2fdcc48ce01b43a3b7c03763c0c3355de0099ee0f8c73, which is not what was installed as acme 1.0.0 at 2026-01-02T03:04:05Z. Install the bundle again with `jackfield plugin install`");
        insta::assert_snapshot!(verdict(&trust, "own/libown.so", "evil", "own"), @"it was changed: its SHA-256 is b5c1fb2efc6d6b4674c2fdcc48ce01b43a3b7c03763c0c3355de0099ee0f8c73, which is not what was accepted as own 1.0.0 at 2026-01-02T03:04:05Z. If the change is yours, take it with `jackfield plugin accept own/libown.so`");
        insta::assert_snapshot!(verdict(&trust, "new/libnew.so", "new", "new"), @r#"nobody vouched for it: jackfield.lock does not hold its SHA-256 11507a0e2f5e69d5dfa40a62a1bd7b6ee57e6bcd85c67c9b8431b36fff21c437. Install its bundle with `jackfield plugin install`, or take this file as it is with `jackfield plugin accept new/libnew.so`; unsigned_plugins = "allow" loads every file"#);
        insta::assert_snapshot!(verdict(&trust, "acme", "good", "other"), @"it calls itself other 1.0.0, and jackfield.lock has it as acme 1.0.0; install its bundle again");
        assert_eq!(
            trust.bundles(),
            [(
                "acme".to_owned(),
                PathBuf::from("acme/1.0.0/lib/here/libacme.so")
            )]
        );
    }

    #[test]
    fn a_signer_who_is_no_longer_trusted_takes_the_plugin_along() {
        let trust = trust(Unsigned::Refuse, &[], vec![bundle("acme", "good")]);
        insta::assert_snapshot!(verdict(&trust, "acme", "good", "acme"), @"the key that signed it is no longer trusted: RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3. Trust it again with `jackfield plugin trust`, or let the plugin go with `jackfield plugin remove acme`");
        assert!(!trust.keeps("acme"));
    }

    #[test]
    fn when_unsigned_plugins_are_allowed_the_lock_still_limits_what_it_holds() {
        let trust = trust(Unsigned::Allow, &["Acme"], vec![bundle("acme", "good")]);
        insta::assert_snapshot!(verdict(&trust, "acme", "good", "acme"), @r#"the host api.acme.example and the capability secret.reveal; signer Some("Acme"); recorded true"#);
        insta::assert_snapshot!(verdict(&trust, "acme", "evil", "acme"), @"the host other.example; signer None; recorded false");
        insta::assert_snapshot!(verdict(&trust, "new.so", "new", "new"), @"the host other.example; signer None; recorded false");
    }

    #[test]
    fn what_is_in_service_stays_unless_its_entry_goes() {
        let trust = trust(Unsigned::Refuse, &["Acme"], vec![bundle("acme", "good")]);
        assert!(trust.keeps("acme"));
        assert!(!trust.keeps("gone"));
    }

    #[test]
    fn a_damaged_lock_vouches_for_nothing() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("jackfield.lock"), "format = ").unwrap();
        let trust = Trust::read(home.path(), Unsigned::Refuse);
        let verdict = verdict(&trust, "acme", "good", "acme");
        assert!(verdict.contains("jackfield.lock is damaged"), "{verdict}");
    }
}
