use std::cmp::Ordering;

use jackfield_plugin_abi::messages::Manifest;

use super::sheet::version;
use super::{Bundle, BundleError};
use crate::image::Sha256;
use crate::trust::{Lock, LockedPlugin, PublicKey, Signer, Triple, Wants};

/// Who made a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Somebody who is trusted.
    Signed(Signer),
    /// Somebody with this key, if the bundle names it, which is not trusted.
    Untrusted(Option<PublicKey>),
    /// Nobody says so.
    Unsigned,
}

/// What an operator allows besides the usual.
#[derive(Clone, Copy, Debug, Default)]
pub struct Allowances {
    /// A bundle without a signature, or with one that is not trusted.
    pub unsigned: bool,
    /// An earlier version than the installed one.
    pub downgrade: bool,
    /// Another signer than that of the installed version.
    pub signer_change: bool,
    /// Other contents under the same version.
    pub replace: bool,
}

/// What installing would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The plugin's name.
    pub name: String,
    /// The version that would be installed.
    pub version: String,
    /// What that means for what is installed.
    pub step: Step,
    /// The trusted key that signed it.
    pub signer: Option<Signer>,
    /// What it asks for.
    pub asked: Wants,
    /// What of that is granted already.
    pub already: Wants,
    /// What of that is not.
    pub missing: Wants,
}

/// From what is installed to what is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing of this name is installed.
    New,
    /// An earlier version is.
    Upgrade {
        /// That version.
        from: String,
    },
    /// A later version is.
    Downgrade {
        /// That version.
        from: String,
    },
    /// This version is.
    Again,
}

/// What an operator agrees to by flags of a command.
#[derive(Clone, Debug, Default)]
pub struct Agreed {
    /// To install it, and the first time to all that it asks for.
    pub yes: bool,
    /// To these.
    pub grant: Wants,
    /// To install it although something that it asks for is not granted.
    pub deny_rest: bool,
}

impl Plan {
    /// What installing a bundle would do.
    ///
    /// # Errors
    /// When it may not be installed, as far as that can be said before anybody is asked.
    pub fn of_bundle(
        bundle: &Bundle,
        lock: &Lock,
        allowed: Allowances,
    ) -> Result<Self, BundleError> {
        let sheet = bundle.sheet();
        let here = Triple::here();
        if !sheet.libraries.contains_key(&here) {
            return Err(BundleError::NoLibrary {
                here: here.to_string(),
                there: sheet.libraries.keys().map(ToString::to_string).collect(),
            });
        }
        let signer = match bundle.origin(lock)? {
            Origin::Signed(signer) => Some(signer),
            Origin::Untrusted(_) | Origin::Unsigned if allowed.unsigned => None,
            Origin::Untrusted(key) => return Err(BundleError::Untrusted { key }),
            Origin::Unsigned => return Err(BundleError::Unsigned),
        };
        let installed = lock.plugin(&sheet.manifest.name);
        let mut plan = Self::draw(&sheet.manifest, installed)?;
        if let Some(installed) = installed {
            plan.check_signer(lock, installed, signer.as_ref(), allowed)?;
            plan.check_version(installed, &bundle.sheet_sha256(), allowed)?;
        }
        plan.signer = signer;
        Ok(plan)
    }

    /// What taking a library as it is would do.
    ///
    /// # Errors
    /// When what it says about itself cannot be.
    pub fn of_library(manifest: &Manifest, lock: &Lock) -> Result<Self, BundleError> {
        Self::draw(manifest, lock.plugin(&manifest.name))
    }

    fn draw(manifest: &Manifest, installed: Option<&LockedPlugin>) -> Result<Self, BundleError> {
        let bad = |problem: String| BundleError::Sheet(problem);
        let asked = Wants::of(manifest).map_err(|error| bad(error.to_string()))?;
        let already = installed.map(|installed| installed.granted().within(&asked));
        let already = already.unwrap_or_default();
        let step = match installed {
            None => Step::New,
            Some(installed) => {
                let from = installed.version.clone();
                let offered = version(&manifest.version).map_err(bad)?;
                // A version that is no version came with a library that was accepted; anything follows it.
                match version(&from).map_or(Ordering::Greater, |from| offered.cmp(&from)) {
                    Ordering::Greater => Step::Upgrade { from },
                    Ordering::Less => Step::Downgrade { from },
                    Ordering::Equal => Step::Again,
                }
            }
        };
        Ok(Self {
            name: manifest.name.clone(),
            version: manifest.version.clone(),
            step,
            signer: None,
            missing: asked.beyond(&already),
            asked,
            already,
        })
    }

    fn check_signer(
        &self,
        lock: &Lock,
        installed: &LockedPlugin,
        signer: Option<&Signer>,
        allowed: Allowances,
    ) -> Result<(), BundleError> {
        let same = installed.signer.as_ref() == signer.map(|signer| &signer.key);
        // A signature where there was none is a step up.
        if same || allowed.signer_change || installed.signer.is_none() {
            return Ok(());
        }
        let was = installed.signer.as_ref().map_or_else(String::new, |key| {
            let name = lock.signer(key).map(|signer| signer.name.clone());
            name.unwrap_or_else(|| key.to_string())
        });
        Err(BundleError::SignerChanged {
            name: self.name.clone(),
            version: installed.version.clone(),
            was,
            is: signer.map_or_else(
                || "nobody who is trusted".to_owned(),
                |signer| signer.name.clone(),
            ),
        })
    }

    fn check_version(
        &self,
        installed: &LockedPlugin,
        sheet: &Sha256,
        allowed: Allowances,
    ) -> Result<(), BundleError> {
        match &self.step {
            Step::Downgrade { from } if !allowed.downgrade => Err(BundleError::Downgrade {
                name: self.name.clone(),
                installed: from.clone(),
                offered: self.version.clone(),
            }),
            Step::Again
                if !allowed.replace && installed.sheet.as_ref().is_some_and(|was| was != sheet) =>
            {
                Err(BundleError::OtherContents {
                    name: self.name.clone(),
                    version: self.version.clone(),
                })
            }
            _ => Ok(()),
        }
    }

    /// What is granted when a person says yes to all of it.
    pub fn all(&self) -> Wants {
        self.already.and(&self.missing)
    }

    /// What flags grant. The first time, `yes` is a yes to all that is asked for; later it covers what was granted
    /// before, and anything new has to be named.
    ///
    /// # Errors
    /// When something stays without a grant, or more is granted than asked for.
    pub fn agreed(&self, agreed: &Agreed) -> Result<Wants, BundleError> {
        let excess = agreed.grant.beyond(&self.asked);
        if !excess.is_empty() {
            return Err(BundleError::NotAskedFor {
                name: self.name.clone(),
                excess,
            });
        }
        let granted = self.already.and(&agreed.grant);
        if self.step == Step::New && agreed.yes && !agreed.deny_rest {
            return Ok(granted.and(&self.missing.beyond(&granted)));
        }
        let missing = self.asked.beyond(&granted);
        if missing.is_empty() || agreed.deny_rest {
            return Ok(granted);
        }
        Err(BundleError::NotGranted {
            name: self.name.clone(),
            version: self.version.clone(),
            remedy: self.remedy(&missing),
            missing,
        })
    }

    fn remedy(&self, missing: &Wants) -> String {
        let stays = match &self.step {
            Step::New => String::new(),
            Step::Upgrade { from } | Step::Downgrade { from } => {
                format!("{from} stays installed. ")
            }
            Step::Again => "It stays as it is. ".to_owned(),
        };
        let hosts: Vec<_> = missing.hosts.iter().map(ToString::to_string).collect();
        let capabilities: Vec<_> = missing.capabilities.iter().cloned().collect();
        let flag = |flag: &str, names: Vec<String>| {
            (!names.is_empty()).then(|| format!(" --{flag} '{}'", names.join(",")))
        };
        let flags: String = flag("grant-hosts", hosts)
            .into_iter()
            .chain(flag("grant-capabilities", capabilities))
            .collect();
        format!("{stays}To grant it, add{flags}; to install it without, add --deny-rest")
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::bundle::{Install, NewKey};
    use crate::trust::{Consent, LockFile};

    fn wants(hosts: &[&str]) -> Wants {
        Wants {
            hosts: hosts.iter().map(|host| host.parse().unwrap()).collect(),
            ..Wants::default()
        }
    }

    /// A directory in which a version is installed with these grants.
    fn installed(
        version: &str,
        hosts: &[&str],
        key: Option<&NewKey>,
        signers: &[(&str, &NewKey)],
    ) -> Lock {
        let home = tempfile::tempdir().unwrap();
        let mut file = LockFile::open(home.path()).unwrap();
        file.lock = sample::trusting(signers);
        let bundle = sample::bundle(version, hosts, key);
        let allowed = Allowances {
            unsigned: true,
            ..Allowances::default()
        };
        let plan = Plan::of_bundle(&bundle, &file.lock, allowed).unwrap();
        let install = Install {
            plan: &plan,
            granted: wants(hosts),
            consent: Consent::Flags,
            at: "2026-01-02T03:04:05Z".into(),
            by: "jackfield 0.1.0".into(),
        };
        install.bundle(&bundle, &mut file).unwrap();
        file.lock.clone()
    }

    #[test]
    fn only_a_trusted_signature_needs_no_allowance() {
        let (acme, evil) = (sample::key(), sample::key());
        let lock = sample::trusting(&[("Acme", &acme)]);
        let plan = |key: Option<&NewKey>, unsigned| {
            let bundle = sample::bundle("1.0.0", &[], key);
            let allowed = Allowances {
                unsigned,
                ..Allowances::default()
            };
            match Plan::of_bundle(&bundle, &lock, allowed) {
                Ok(plan) => format!("signed by {:?}", plan.signer.map(|signer| signer.name)),
                Err(error) => error.to_string().replace(evil.key.as_str(), "KEY"),
            }
        };
        insta::assert_snapshot!(plan(Some(&acme), false), @r#"signed by Some("Acme")"#);
        insta::assert_snapshot!(plan(None, false), @"it is not signed. Ask its author for a signed one; to install it all the same, add --allow-unsigned");
        insta::assert_snapshot!(plan(None, true), @"signed by None");
        insta::assert_snapshot!(plan(Some(&evil), false), @"it is signed with a key that is not trusted: KEY. If that is its author's key, run `jackfield plugin trust KEY --name WHO` first; to install it as if it were unsigned, add --allow-unsigned");
        insta::assert_snapshot!(plan(Some(&evil), true), @"signed by None");
    }

    #[test]
    fn neither_version_nor_signer_changes_unnoticed() {
        let (acme, other) = (sample::key(), sample::key());
        let lock = installed(
            "1.1.0",
            &[],
            Some(&acme),
            &[("Acme", &acme), ("Other", &other)],
        );
        let plan = |version: &str, key: Option<&NewKey>, allowed: Allowances| {
            let bundle = sample::bundle(version, &[], key);
            match Plan::of_bundle(&bundle, &lock, allowed) {
                Ok(plan) => format!("{:?}", plan.step),
                Err(error) => error.to_string(),
            }
        };
        let no = Allowances::default();
        insta::assert_snapshot!(plan("1.2.0", Some(&acme), no), @r#"Upgrade { from: "1.1.0" }"#);
        insta::assert_snapshot!(plan("1.1.0", Some(&acme), no), @"Again");
        insta::assert_snapshot!(plan("1.1.0-beta.1", Some(&acme), no), @"acme 1.1.0 is installed, which is later than 1.1.0-beta.1; to go back, add --allow-downgrade");
        insta::assert_snapshot!(plan("1.0.0", Some(&acme), Allowances { downgrade: true, ..no }), @r#"Downgrade { from: "1.1.0" }"#);
        insta::assert_snapshot!(plan("1.2.0", Some(&other), no), @"acme 1.1.0 is installed and was signed by Acme, this one is signed by Other; if that is meant to be, add --allow-signer-change");
        insta::assert_snapshot!(plan("1.2.0", Some(&other), Allowances { signer_change: true, ..no }), @r#"Upgrade { from: "1.1.0" }"#);
        insta::assert_snapshot!(plan("1.2.0", None, Allowances { unsigned: true, ..no }), @"acme 1.1.0 is installed and was signed by Acme, this one is signed by nobody who is trusted; if that is meant to be, add --allow-signer-change");
        let changed = sample::bundle("1.1.0", &["new.example"], Some(&acme));
        let error = Plan::of_bundle(&changed, &lock, no).unwrap_err();
        insta::assert_snapshot!(error, @"acme 1.1.0 is installed already, with other contents than this bundle; a changed plugin should have a new version. To take this one, add --replace");
        assert!(
            Plan::of_bundle(
                &changed,
                &lock,
                Allowances {
                    replace: true,
                    ..no
                }
            )
            .is_ok()
        );
    }

    #[test]
    fn what_an_upgrade_newly_asks_for_needs_a_grant() {
        let acme = sample::key();
        let lock = installed(
            "1.0.0",
            &["api.acme.example", "old.example"],
            Some(&acme),
            &[("Acme", &acme)],
        );
        let bundle = sample::bundle("1.1.0", &["api.acme.example", "new.example"], Some(&acme));
        let plan = Plan::of_bundle(&bundle, &lock, Allowances::default()).unwrap();
        assert_eq!(
            (plan.already.clone(), plan.missing.clone()),
            (wants(&["api.acme.example"]), wants(&["new.example"]))
        );
        let agreed = |yes, grant: &[&str], deny_rest| {
            let agreed = Agreed {
                yes,
                grant: wants(grant),
                deny_rest,
            };
            match plan.agreed(&agreed) {
                Ok(granted) => granted.to_string(),
                Err(error) => error.to_string(),
            }
        };
        insta::assert_snapshot!(agreed(true, &[], false), @"acme 1.1.0 asks for the host new.example, which is not granted. 1.0.0 stays installed. To grant it, add --grant-hosts 'new.example'; to install it without, add --deny-rest");
        insta::assert_snapshot!(agreed(true, &["new.example"], false), @"the hosts api.acme.example, new.example");
        insta::assert_snapshot!(agreed(true, &[], true), @"the host api.acme.example");
        insta::assert_snapshot!(agreed(true, &["evil.example"], false), @"acme does not ask for the host evil.example, so it is not granted");
        assert_eq!(plan.all(), wants(&["api.acme.example", "new.example"]));
    }

    #[test]
    fn the_first_yes_is_a_yes_to_all_that_is_asked_for() {
        let bundle = sample::bundle("1.0.0", &["a.example", "b.example"], None);
        let allowed = Allowances {
            unsigned: true,
            ..Allowances::default()
        };
        let plan = Plan::of_bundle(&bundle, &Lock::default(), allowed).unwrap();
        let agreed = |yes, grant: &[&str], deny_rest| {
            plan.agreed(&Agreed {
                yes,
                grant: wants(grant),
                deny_rest,
            })
            .map_err(|error| error.to_string())
        };
        assert_eq!(
            agreed(true, &[], false),
            Ok(wants(&["a.example", "b.example"]))
        );
        assert_eq!(
            agreed(false, &["a.example", "b.example"], false),
            Ok(wants(&["a.example", "b.example"]))
        );
        assert_eq!(
            agreed(false, &["a.example"], true),
            Ok(wants(&["a.example"]))
        );
        insta::assert_snapshot!(agreed(false, &["a.example"], false).unwrap_err(), @"acme 1.0.0 asks for the host b.example, which is not granted. To grant it, add --grant-hosts 'b.example'; to install it without, add --deny-rest");
    }
}
