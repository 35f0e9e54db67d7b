use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::sheet::version;
use super::{Bundle, BundleError, Described, Plan};
use crate::image::Sha256;
use crate::trust::{Consent, LockFile, LockedLibrary, LockedPlugin, Triple, Wants};

/// A plan that somebody agreed to.
pub struct Install<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// What is granted.
    pub granted: Wants,
    /// How the operator agreed.
    pub consent: Consent,
    /// The time, RFC 3339.
    pub at: String,
    /// The program, such as `jackfield 1.0.0`.
    pub by: String,
}

impl Install<'_> {
    /// Unpacks a bundle to `<name>/<version>` and writes the lock. Until the lock is written, what was installed before
    /// is what is in service; after it, other versions are removed.
    ///
    /// # Errors
    /// When something cannot be written; then everything is as it was.
    pub fn bundle(self, bundle: &Bundle, into: &mut LockFile) -> Result<(), BundleError> {
        let folder = format!("{}/{}", self.plan.name, self.plan.version);
        let sheet = bundle.sheet();
        let libraries = sheet.libraries.iter().map(|(triple, library)| {
            let library = LockedLibrary {
                file: format!("{folder}/{}", library.file),
                sha256: library.sha256.clone(),
            };
            (triple.clone(), library)
        });
        let signer = self.plan.signer.as_ref();
        let plugin = LockedPlugin {
            signer: signer.map(|signer| signer.key.clone()),
            sheet: Some(bundle.sheet_sha256()),
            libraries: libraries.collect(),
            ..self.entry()
        };
        let target = into.dir().join(&folder);
        let placed = Placed::new(bundle, into.dir(), &target).map_err(BundleError::io(&target))?;
        into.lock.put(plugin);
        if let Err(error) = into.save() {
            placed.undo();
            return Err(error.into());
        }
        let (name, version) = (&self.plan.name, Some(self.plan.version.as_str()));
        remove_versions(into.dir(), name, version).map_err(BundleError::io(&target))
    }

    /// Writes a library that lies in the plugins directory into the lock, as it is. `file` is its path there.
    ///
    /// # Errors
    /// When the lock cannot be written.
    pub fn library(
        self,
        file: &str,
        described: &Described,
        into: &mut LockFile,
    ) -> Result<(), BundleError> {
        let library = LockedLibrary {
            file: file.to_owned(),
            sha256: described.sha256.clone(),
        };
        let mut plugin = self.entry();
        plugin.libraries.insert(Triple::here(), library);
        into.lock.put(plugin);
        Ok(into.save()?)
    }

    fn entry(&self) -> LockedPlugin {
        LockedPlugin {
            name: self.plan.name.clone(),
            version: self.plan.version.clone(),
            signer: None,
            hosts: self.granted.hosts.clone(),
            capabilities: self.granted.capabilities.clone(),
            consent: self.consent,
            at: self.at.clone(),
            by: self.by.clone(),
            sheet: None::<Sha256>,
            libraries: Default::default(),
        }
    }
}

/// Takes a plugin out of the lock, and its folder away when it came as a bundle.
///
/// # Errors
/// When there is no such plugin, or something cannot be written.
pub fn remove(name: &str, from: &mut LockFile) -> Result<LockedPlugin, BundleError> {
    let plugin = from.lock.plugin(name).cloned();
    let plugin = plugin.ok_or_else(|| BundleError::NotInstalled(name.to_owned()))?;
    from.lock.plugins.retain(|other| other.name != name);
    from.save()?;
    if plugin.is_bundle() {
        let folder = from.dir().join(name);
        remove_versions(from.dir(), name, None).map_err(BundleError::io(&folder))?;
    }
    Ok(plugin)
}

/// Files that are in their place, and what was there before.
struct Placed {
    target: PathBuf,
    before: Option<PathBuf>,
    _scratch: tempfile::TempDir,
}

impl Placed {
    fn new(bundle: &Bundle, dir: &Path, target: &Path) -> io::Result<Self> {
        let scratch = tempfile::Builder::new()
            .prefix(".unpacking-")
            .tempdir_in(dir)?;
        let new = scratch.path().join("new");
        unpack(bundle, &new)?;
        let parent = target.parent().unwrap_or(dir);
        fs::create_dir_all(parent)?;
        let before = scratch.path().join("before");
        let before = match fs::rename(target, &before) {
            Ok(()) => Some(before),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let placed = Self {
            target: target.to_owned(),
            before,
            _scratch: scratch,
        };
        if let Err(error) = fs::rename(&new, target).and_then(|()| sync(parent)) {
            placed.undo();
            return Err(error);
        }
        Ok(placed)
    }

    /// Puts back what was there. Whatever fails here leaves files that the lock does not hold, so nothing loads them.
    fn undo(self) {
        fs::remove_dir_all(&self.target).ok();
        if let Some(before) = &self.before {
            fs::rename(before, &self.target).ok();
        }
    }
}

fn unpack(bundle: &Bundle, folder: &Path) -> io::Result<()> {
    for (name, bytes) in bundle.all_files() {
        let file = folder.join(name);
        let parent = file.parent().unwrap_or(folder);
        fs::create_dir_all(parent)?;
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&file)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        sync(parent)?;
    }
    Ok(())
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Removes the folders of versions of a plugin, but for one.
fn remove_versions(dir: &Path, name: &str, but: Option<&str>) -> io::Result<()> {
    let folder = dir.join(name);
    for entry in fs::read_dir(&folder)? {
        let entry = entry?;
        let found = entry.file_name();
        let found = found.to_string_lossy();
        if version(&found).is_ok() && Some(&*found) != but && entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        }
    }
    // Other files in it are not ours.
    fs::remove_dir(&folder).ok();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{Allowances, sample};
    use super::*;
    use crate::trust::Lock;

    fn install(version: &str, dir: &Path) -> Result<(), BundleError> {
        let bundle = sample::bundle(version, &["api.acme.example"], None);
        let mut file = LockFile::open(dir)?;
        let allowed = Allowances {
            unsigned: true,
            replace: true,
            ..Allowances::default()
        };
        let plan = Plan::of_bundle(&bundle, &file.lock, allowed)?;
        let install = Install {
            plan: &plan,
            granted: plan.all(),
            consent: Consent::Flags,
            at: "2026-01-02T03:04:05Z".into(),
            by: "jackfield 0.1.0".into(),
        };
        install.bundle(&bundle, &mut file)
    }

    fn files(dir: &Path) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![dir.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => found.push(path.strip_prefix(dir).unwrap().display().to_string()),
                }
            }
        }
        found.sort();
        found
    }

    #[test]
    fn an_upgrade_takes_the_place_of_the_version_before() {
        let home = tempfile::tempdir().unwrap();
        install("1.0.0", home.path()).unwrap();
        install("1.1.0", home.path()).unwrap();
        install("1.1.0", home.path()).unwrap();
        let here = Triple::here();
        let shown: Vec<_> = files(home.path())
            .iter()
            .map(|file| file.replace(here.as_str(), "HERE"))
            .collect();
        assert_eq!(
            shown,
            [
                "acme/1.1.0/README.md",
                "acme/1.1.0/icon.svg",
                "acme/1.1.0/lib/riscv64gc-unknown-linux-gnu/libacme.so",
                "acme/1.1.0/lib/HERE/libacme.so",
                "acme/1.1.0/plugin.json",
                "jackfield.lock",
            ]
        );
        let lock = Lock::read(home.path()).unwrap();
        assert_eq!(lock.plugins.len(), 1);
        assert_eq!(
            lock.plugins[0].libraries[&here].sha256,
            Sha256::of(b"library 1.1.0")
        );

        let mut file = LockFile::open(home.path()).unwrap();
        remove("acme", &mut file).unwrap();
        assert_eq!(files(home.path()), ["jackfield.lock"]);
        insta::assert_snapshot!(remove("acme", &mut file).unwrap_err(), @"acme is not in jackfield.lock; `jackfield plugin list` shows what is");
    }

    #[test]
    fn when_the_lock_cannot_be_written_nothing_changes() {
        let home = tempfile::tempdir().unwrap();
        install("1.0.0", home.path()).unwrap();
        let before = files(home.path());
        let lock = home.path().join("jackfield.lock");
        let text = fs::read_to_string(&lock).unwrap();
        let bundle = sample::bundle("1.1.0", &[], None);
        let mut file = LockFile::open(home.path()).unwrap();
        let allowed = Allowances {
            unsigned: true,
            ..Allowances::default()
        };
        let plan = Plan::of_bundle(&bundle, &file.lock, allowed).unwrap();
        // A folder cannot be replaced by a file.
        fs::remove_file(&lock).unwrap();
        fs::create_dir(&lock).unwrap();
        let install = Install {
            plan: &plan,
            granted: plan.all(),
            consent: Consent::Flags,
            at: "2026-01-02T03:04:05Z".into(),
            by: "jackfield 0.1.0".into(),
        };
        assert!(install.bundle(&bundle, &mut file).is_err());
        fs::remove_dir(&lock).unwrap();
        fs::write(&lock, text).unwrap();
        assert_eq!(files(home.path()), before);
    }
}
