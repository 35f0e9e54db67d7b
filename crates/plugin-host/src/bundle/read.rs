use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use flate2::read::GzDecoder;
use tar::{Archive, Entry, EntryType};

use super::entry_name::EntryName;
use super::plan::Origin;
use super::{BundleError, FileEntry, SHEET, SIGNATURE, Sheet, limits};
use crate::image::Sha256;
use crate::trust::{Lock, PublicKey, Wants};

/// A bundle that was read whole: every file in it is listed in its sheet and has the size and hash that stand there.
#[derive(Debug)]
pub struct Bundle {
    sheet: Sheet,
    sheet_bytes: Vec<u8>,
    signature: Option<String>,
    files: BTreeMap<String, Vec<u8>>,
}

impl Bundle {
    /// Reads the file of a bundle. Nothing in it is run and nothing is written.
    ///
    /// # Errors
    /// When it is not a whole and well-formed bundle within the [`limits`].
    pub fn open(file: &Path) -> Result<Self, BundleError> {
        let opened = File::open(file).map_err(BundleError::io(file))?;
        let size = opened.metadata().map_err(BundleError::io(file))?.len();
        if size > limits::FILE {
            return Err(too_large("the file", limits::FILE));
        }
        Self::read(opened.take(limits::FILE))
    }

    /// The same for bytes from anywhere.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn read(from: impl Read) -> Result<Self, BundleError> {
        let mut entries = Entries::default();
        let counted = Counted {
            from: GzDecoder::new(from),
            left: limits::CONTENTS,
        };
        let mut archive = Archive::new(counted);
        // Raw, so that extensions of the format (long names, sparse files) are seen as what they are, and refused.
        for entry in archive.entries().map_err(no_bundle)?.raw(true) {
            entries.take(&mut entry.map_err(no_bundle)?)?;
        }
        entries.finish()
    }

    /// What the bundle is.
    pub fn sheet(&self) -> &Sheet {
        &self.sheet
    }

    /// The digest of the bytes of the sheet, which stands for all that is in the bundle.
    pub fn sheet_sha256(&self) -> Sha256 {
        Sha256::of(&self.sheet_bytes)
    }

    /// What the plugin asks for.
    pub fn wants(&self) -> Wants {
        self.sheet.wants().unwrap_or_default()
    }

    /// A file, such as `README.md`.
    pub fn file(&self, name: &str) -> Option<&[u8]> {
        self.files.get(name).map(Vec::as_slice)
    }

    /// Every file with its bytes, also the sheet and the signature.
    pub(super) fn all_files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let sheet = (SHEET, self.sheet_bytes.as_slice());
        let signature = self.signature.as_ref();
        let signature = signature.map(|text| (SIGNATURE, text.as_bytes()));
        let files = self.files.iter();
        let files = files.map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
        [sheet].into_iter().chain(signature).chain(files)
    }

    /// Whose it is, by the keys that a lock trusts.
    ///
    /// # Errors
    /// When there is a signature that does not fit the bundle.
    pub fn origin(&self, lock: &Lock) -> Result<Origin, BundleError> {
        let Some(signature) = &self.signature else {
            return Ok(Origin::Unsigned);
        };
        let fits = |key: &PublicKey| key.verifies(&self.sheet_bytes, signature);
        if let Some(signer) = lock.signers.iter().find(|signer| fits(&signer.key)) {
            return Ok(Origin::Signed(signer.clone()));
        }
        let claimed = self.sheet.public_key.clone();
        match &claimed {
            Some(key) if !fits(key) => Err(BundleError::Signature),
            _ => Ok(Origin::Untrusted(claimed)),
        }
    }
}

/// What was read so far.
#[derive(Default)]
struct Entries {
    sheet: Option<(Sheet, Vec<u8>)>,
    signature: Option<String>,
    expected: BTreeMap<String, FileEntry>,
    files: BTreeMap<String, Vec<u8>>,
    count: usize,
}

impl Entries {
    fn take<R: Read>(&mut self, entry: &mut Entry<'_, R>) -> Result<(), BundleError> {
        self.count += 1;
        if self.count > limits::ENTRIES {
            return Err(BundleError::TooMany);
        }
        let name = entry.path_bytes();
        let name = EntryName::parse(&String::from_utf8_lossy(&name))?;
        let refuse = |problem| {
            Err(BundleError::Entry {
                name: name.as_str().to_owned(),
                problem,
            })
        };
        if entry.header().entry_type() != EntryType::Regular {
            return refuse("is no plain file; links, folders and devices are not allowed");
        }
        match (name.as_str(), &self.sheet) {
            (SHEET, None) => {
                let bytes = read(entry, &name, limits::SHEET)?;
                let sheet = Sheet::parse(&bytes)?;
                let expected = sheet.entries();
                self.expected = expected
                    .map(|(name, entry)| (name.to_owned(), entry))
                    .collect();
                self.sheet = Some((sheet, bytes));
            }
            (_, None) => return refuse("comes before plugin.json, which is to be the first"),
            (SIGNATURE, Some(_)) if self.signature.is_none() && self.files.is_empty() => {
                let bytes = read(entry, &name, limits::SIGNATURE)?;
                self.signature =
                    Some(String::from_utf8(bytes).map_err(|_| BundleError::Signature)?);
            }
            (text, Some(_)) => {
                let Some(expected) = self.expected.remove(text) else {
                    return refuse("is not listed in plugin.json, or is there twice");
                };
                if entry.size() != expected.size {
                    return refuse("has another size than plugin.json says");
                }
                let bytes = read(entry, &name, expected.size)?;
                if Sha256::of(&bytes) != expected.sha256 {
                    return refuse("has another SHA-256 than plugin.json says: it was changed");
                }
                self.files.insert(text.to_owned(), bytes);
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<Bundle, BundleError> {
        let Some((sheet, sheet_bytes)) = self.sheet else {
            return Err(BundleError::NoBundle("it has no plugin.json".into()));
        };
        match self.expected.into_keys().next() {
            None => Ok(Bundle {
                sheet,
                sheet_bytes,
                signature: self.signature,
                files: self.files,
            }),
            Some(name) => Err(BundleError::Entry {
                name,
                problem: "is listed in plugin.json and not there",
            }),
        }
    }
}

/// Reads an entry. Memory is taken for what comes, not for what a header announces.
fn read<R: Read>(
    entry: &mut Entry<'_, R>,
    name: &EntryName,
    most: u64,
) -> Result<Vec<u8>, BundleError> {
    if entry.size() > most {
        return Err(too_large(name.as_str(), most));
    }
    let size = entry.size();
    let mut bytes = Vec::new();
    entry.read_to_end(&mut bytes).map_err(no_bundle)?;
    match bytes.len() as u64 == size {
        true => Ok(bytes),
        false => Err(BundleError::NoBundle(format!(
            "{} is cut off",
            name.as_str()
        ))),
    }
}

/// What a decompressor gives, up to a limit.
struct Counted<R> {
    from: R,
    left: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(into)?;
        let left = self.left.checked_sub(read as u64);
        self.left = left.ok_or_else(|| io::Error::other(TooMuch))?;
        Ok(read)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("more than allowed")]
struct TooMuch;

fn too_large(what: &str, most: u64) -> BundleError {
    BundleError::TooLarge {
        what: what.to_owned(),
        most,
    }
}

fn no_bundle(error: io::Error) -> BundleError {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(error) = cause {
        let inner = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        if error.is::<TooMuch>() || inner.is_some_and(|inner| inner.is::<TooMuch>()) {
            return too_large("what it unpacks to", limits::CONTENTS);
        }
        cause = match inner {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    BundleError::NoBundle(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use tar::{Builder, Header};

    use super::super::write::archive;
    use super::super::{SigningKey, sample};
    use super::*;

    fn refusal(entries: &[(String, Vec<u8>)]) -> String {
        sample::read(entries).unwrap_err().to_string()
    }

    fn good() -> Vec<(String, Vec<u8>)> {
        sample::entries(&sample::bundle("1.0.0", &["api.acme.example"], None))
    }

    #[test]
    fn a_bundle_is_read_as_it_was_packed_and_always_has_the_same_bytes() {
        let packed = || {
            sample::contents("1.0.0", &["api.acme.example"])
                .pack(None)
                .unwrap()
        };
        assert_eq!(packed().bytes, packed().bytes);
        assert_eq!(packed().file_name, "acme-1.0.0.jackfield");
        let bundle = Bundle::read(packed().bytes.as_slice()).unwrap();
        assert_eq!(bundle.sheet().manifest.name, "acme");
        assert_eq!(bundle.file("icon.svg"), Some(b"<svg/>".as_slice()));
        assert_eq!(bundle.wants().to_string(), "the host api.acme.example");
        let names: Vec<_> = bundle
            .all_files()
            .map(|(name, _)| name.to_owned())
            .collect();
        let here = format!("lib/{}/libacme.so", Triple::here());
        assert!(
            names.contains(&here) && names.contains(&"README.md".to_owned()),
            "{names:?}"
        );
        let sheet = String::from_utf8(bundle.sheet_bytes.clone()).unwrap();
        assert!(
            sheet.contains(r#""beyond":{"this":"version"}"#),
            "what this version does not know is kept: {sheet}"
        );
    }

    use crate::trust::Triple;

    #[test]
    fn a_signature_says_whose_it_is() {
        let (acme, other) = (sample::key(), sample::key());
        let bundle = sample::bundle("1.0.0", &[], Some(&acme));
        let origin = |lock: &Lock| bundle.origin(lock).unwrap();
        assert!(
            matches!(origin(&sample::trusting(&[("Acme", &acme)])), Origin::Signed(signer) if signer.name == "Acme")
        );
        let untrusted = Origin::Untrusted(Some(acme.key.clone()));
        assert_eq!(origin(&sample::trusting(&[("Other", &other)])), untrusted);
        let unsigned = sample::bundle("1.0.0", &[], None);
        assert_eq!(unsigned.origin(&Lock::default()).unwrap(), Origin::Unsigned);
    }

    #[test]
    fn what_was_signed_cannot_be_changed() {
        let acme = sample::key();
        let lock = sample::trusting(&[("Acme", &acme)]);
        let signed = sample::entries(&sample::bundle("1.0.0", &["api.acme.example"], Some(&acme)));

        let mut flipped = signed.clone();
        flipped.last_mut().unwrap().1[3] ^= 1;
        assert!(refusal(&flipped).contains("has another SHA-256 than plugin.json says"));

        let mut rewritten = signed.clone();
        let sheet = String::from_utf8(rewritten[0].1.clone()).unwrap();
        rewritten[0].1 = sheet
            .replace("api.acme.example", "api.evil.example")
            .into_bytes();
        let error = sample::read(&rewritten).unwrap().origin(&lock).unwrap_err();
        insta::assert_snapshot!(error, @"its signature is not valid: the bundle was changed after it was signed, or the signature is of something else");

        let mut comment = signed.clone();
        let text = String::from_utf8(comment[1].1.clone()).unwrap();
        comment[1].1 = text
            .replace("plugin:acme-1.0.0", "plugin:acme-2.0.0")
            .into_bytes();
        assert!(sample::read(&comment).unwrap().origin(&lock).is_err());

        let mut claimed = signed;
        let sheet = String::from_utf8(claimed[0].1.clone()).unwrap();
        let other = SigningKey::generate(None).unwrap().key;
        claimed[0].1 = sheet
            .replace(acme.key.as_str(), other.as_str())
            .into_bytes();
        assert!(
            sample::read(&claimed).unwrap().origin(&lock).is_err(),
            "a key that is only claimed proves nothing"
        );
    }

    #[test]
    fn every_entry_is_accounted_for() {
        insta::assert_snapshot!(refusal(&[]), @"it is no bundle or a damaged one: it has no plugin.json");
        insta::assert_snapshot!(refusal(&good()[1..]), @r#"its entry "README.md" comes before plugin.json, which is to be the first"#);
        let missing = refusal(&good()[..2]);
        assert!(
            missing.contains("is listed in plugin.json and not there"),
            "{missing}"
        );
        let with = |name: &str, bytes: &[u8]| {
            let mut entries = good();
            entries.push((name.to_owned(), bytes.to_vec()));
            refusal(&entries)
        };
        insta::assert_snapshot!(with("evil.sh", b"x"), @r#"its entry "evil.sh" is not listed in plugin.json, or is there twice"#);
        insta::assert_snapshot!(with("README.md", b"# Acme"), @r#"its entry "README.md" is not listed in plugin.json, or is there twice"#);
        insta::assert_snapshot!(with("plugin.json", b"{}"), @r#"its entry "plugin.json" is not listed in plugin.json, or is there twice"#);
        insta::assert_snapshot!(with("plugin.json.minisig", b"x"), @r#"its entry "plugin.json.minisig" is not listed in plugin.json, or is there twice"#);
        let mut longer = good();
        longer[1].1.extend(b"more");
        assert!(refusal(&longer).contains("has another size than plugin.json says"));
        let many: Vec<_> = good()
            .into_iter()
            .take(1)
            .chain((0..300).map(|n| (format!("f{n}"), vec![])))
            .collect();
        assert!(refusal(&many).contains("is not listed"));
    }

    #[test]
    fn a_sheet_lists_what_may_be_there_and_nothing_else() {
        let with = |from: &str, to: &str| {
            let mut entries = good();
            let sheet = String::from_utf8(entries[0].1.clone()).unwrap();
            assert!(sheet.contains(from), "{sheet}");
            entries[0].1 = sheet.replacen(from, to, 1).into_bytes();
            refusal(&entries)
        };
        insta::assert_snapshot!(with("\"format\": 1", "\"format\": 2"), @"its plugin.json is not valid: the format of the bundle is 2, this version of jackfield reads 1; a newer one may read it");
        insta::assert_snapshot!(with("\"README.md\"", "\"../README.md\""), @r#"its plugin.json is not valid: its entry "../README.md" leads out of the bundle"#);
        insta::assert_snapshot!(with("\"README.md\"", "\"lib/x\""), @r#"its plugin.json is not valid: files has "lib/x", which cannot be there"#);
        insta::assert_snapshot!(with("\"version\":\"1.0.0\"", "\"version\":\"../..\""), @r#"its plugin.json is not valid: the version "../.." is no semantic version (like 1.2.0): unexpected character '.' while parsing major version number"#);
        insta::assert_snapshot!(with("\"name\":\"acme\"", "\"name\":\"../acme\""), @r#"its plugin.json is not valid: manifest.name is "../acme"; a name has lower case letters, digits, hyphens and underscores, begins with a letter and has at most 64"#);
        insta::assert_snapshot!(with("\"api.acme.example\"", "\"https://x\""), @r#"its plugin.json is not valid: manifest.hosts: "https://x" names no host; a host is like api.example.com, *.example.com or *"#);
        assert!(with("libacme.so", "libacme.exe").contains("is to be a .so or .dylib in lib/"));
        assert!(with("riscv64gc-unknown-linux-gnu", "../..").contains("names no platform"));
        assert!(with("\"size\": 6", "\"size\": 99999999").contains("larger than it may be"));
        assert!(with("\"format\": 1", "\"format\": {}").contains("invalid type"));
    }

    /// An archive of one entry with a header as `spoil` leaves it.
    fn odd(spoil: impl FnOnce(&mut Header)) -> String {
        let mut tar = Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        let mut header = Header::new_ustar();
        header.set_path("plugin.json").unwrap();
        header.set_size(0);
        spoil(&mut header);
        header.set_cksum();
        tar.append(&header, &b""[..]).unwrap();
        let bytes = tar.into_inner().unwrap().finish().unwrap();
        Bundle::read(bytes.as_slice()).unwrap_err().to_string()
    }

    #[test]
    fn what_is_no_plain_file_is_refused() {
        let kinds = [
            EntryType::Symlink,
            EntryType::Link,
            EntryType::Directory,
            EntryType::Char,
            EntryType::Fifo,
            EntryType::GNUSparse,
            EntryType::GNULongName,
            EntryType::XHeader,
            EntryType::Continuous,
        ];
        for kind in kinds {
            let error = odd(|header| header.set_entry_type(kind));
            assert!(error.contains("is no plain file"), "{kind:?}: {error}");
        }
        let named = |name: &[u8]| {
            odd(|header| header.as_old_mut().name[..name.len()].copy_from_slice(name))
        };
        assert!(named(b"/etc/passwd").contains("has an absolute path"));
        assert!(named(b"../../x/json").contains("leads out of the bundle"));
        assert!(named(b"\xff\xff\xff\xff").contains("a name that is not allowed"));
    }

    #[test]
    fn a_header_that_announces_too_much_is_not_believed() {
        let announced = |size: u64| odd(|header| header.set_size(size));
        insta::assert_snapshot!(announced(u64::MAX / 2), @"plugin.json has more than 8388608 bytes, which is the most that a bundle may have there");
        assert!(
            announced(5000).contains("no bundle or a damaged one"),
            "{}",
            announced(5000)
        );
    }

    #[test]
    fn a_small_file_does_not_become_a_big_one() {
        // What an entry holds is limited by its header; what lies between entries counts as well. This is a tar of
        // nothing but zeros, a gigabyte and a bit in a megabyte.
        let mut zip = GzEncoder::new(Vec::new(), Compression::fast());
        let head = archive(&good()[..1]).unwrap();
        let mut tar = Vec::new();
        GzDecoder::new(head.as_slice())
            .read_to_end(&mut tar)
            .unwrap();
        tar.truncate(tar.len() - 1024);
        zip.write_all(&tar).unwrap();
        let mut header = Header::new_ustar();
        header.set_path("README.md").unwrap();
        header.set_size(2 << 30);
        header.set_cksum();
        zip.write_all(header.as_bytes()).unwrap();
        let zeros = vec![0; 1 << 20];
        for _ in 0..1100 {
            zip.write_all(&zeros).unwrap();
        }
        let bomb = zip.finish().unwrap();
        assert!(bomb.len() < 8 << 20, "{}", bomb.len());
        let error = Bundle::read(bomb.as_slice()).unwrap_err().to_string();
        assert!(
            error.contains("has another size than plugin.json says"),
            "{error}"
        );

        let mut counted = Counted {
            from: std::io::repeat(0),
            left: 10_000,
        };
        let error = io::copy(&mut counted, &mut io::sink()).unwrap_err();
        insta::assert_snapshot!(no_bundle(error), @"what it unpacks to has more than 1073741824 bytes, which is the most that a bundle may have there");
    }

    #[test]
    fn junk_is_no_bundle() {
        for junk in [&b""[..], b"junk", b"\x1f\x8b\x08\0\0\0\0\0\0\0"] {
            let error = Bundle::read(junk).unwrap_err().to_string();
            assert!(
                error.starts_with("it is no bundle or a damaged one"),
                "{error}"
            );
        }
        let whole = archive(&good()).unwrap();
        for cut in [10, 100, whole.len() / 2, whole.len() - 20] {
            assert!(Bundle::read(&whole[..cut]).is_err(), "{cut}");
        }
    }
}
