//! Where the built server and plugins lie.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The plugins that most of what is tested needs: one whose provider can be anything, and one that sends messages.
const USUAL: [&str; 2] = ["http", "postmark"];

/// Which plugins a server loads besides the usual ones. Each costs a start what a small test takes.
#[derive(Clone, Copy)]
pub enum Plugins<'a> {
    /// Those of these names.
    Named(&'a [&'a str]),
    /// All that are built.
    All,
}

impl Plugins<'_> {
    fn has(self, name: &str) -> bool {
        match self {
            Self::Named(names) => USUAL.contains(&name) || names.contains(&name),
            Self::All => true,
        }
    }
}

/// The built server and a directory of plugins laid out as `<name>/<library>`.
pub struct Built {
    /// The `jackfield` executable.
    pub server: PathBuf,
    /// What `--plugins` is given.
    pub plugins: PathBuf,
    /// Whether it is the layout of `cargo xtask dist`, whose lock vouches for its plugins.
    pub is_dist: bool,
}

impl Built {
    /// Takes the layout that `JACKFIELD_DIST` names, as `cargo xtask dist` writes it, with all plugins; otherwise what cargo left
    /// beside the running test, with these plugins linked into a layout under `scratch`.
    pub fn find(scratch: &Path, plugins: Plugins<'_>) -> Result<Self> {
        if let Some(dist) = env::var_os("JACKFIELD_DIST").map(PathBuf::from) {
            return Ok(Self {
                server: dist.join("jackfield"),
                plugins: dist.join("plugins"),
                is_dist: true,
            });
        }
        let profile = profile_dir()?;
        let server = profile.join("jackfield");
        if !server.is_file() {
            bail!(
                "{} is not built; run `cargo xtask test`, which builds it first",
                server.display()
            );
        }
        let folder = scratch.join("plugins");
        link(&profile, &folder, plugins)?;
        Ok(Self {
            server,
            plugins: folder,
            is_dist: false,
        })
    }

    /// The names of the plugins in the layout.
    pub(crate) fn names(&self) -> Result<Vec<String>> {
        let entries = fs::read_dir(&self.plugins)?;
        let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
        names.collect()
    }
}

/// The directory of the profile that this executable was built with: it runs from there or from `deps` in it.
fn profile_dir() -> Result<PathBuf> {
    let executable = env::current_exe()?;
    let folder = executable
        .parent()
        .context("an executable lies in a directory")?;
    let folder = if folder.ends_with("deps") {
        folder.parent().context("deps lies in a directory")?
    } else {
        folder
    };
    Ok(folder.to_owned())
}

fn link(profile: &Path, folder: &Path, plugins: Plugins<'_>) -> Result<()> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins");
    for entry in fs::read_dir(profile)? {
        let file = entry?.path();
        // The SDK's derives are a library of such a name, too.
        let plugin = plugin_name(&file)
            .filter(|name| plugins.has(name))
            .filter(|name| sources.join(name).is_dir());
        let Some(plugin) = plugin else {
            continue;
        };
        let folder = folder.join(&plugin);
        fs::create_dir_all(&folder)?;
        let link = folder.join(file.file_name().context("a library has a name")?);
        std::os::unix::fs::symlink(&file, &link)
            .with_context(|| format!("linking {}", link.display()))?;
    }
    if !folder.is_dir() {
        bail!(
            "no plugin is built in {}; run `cargo xtask test`, which builds them first",
            profile.display()
        );
    }
    Ok(())
}

/// `libjackfield_plugin_google_maps.so` holds the plugin `google-maps`.
fn plugin_name(library: &Path) -> Option<String> {
    let extension = library.extension()?;
    if extension != env::consts::DLL_EXTENSION {
        return None;
    }
    let stem = library
        .file_stem()?
        .to_str()?
        .strip_prefix(env::consts::DLL_PREFIX)?;
    Some(stem.strip_prefix("jackfield_plugin_")?.replace('_', "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plugin_libraries_have_a_plugin_name() {
        let library = format!(
            "{}jackfield_plugin_google_maps{}",
            env::consts::DLL_PREFIX,
            env::consts::DLL_SUFFIX
        );
        assert_eq!(
            plugin_name(Path::new(&library)).as_deref(),
            Some("google-maps")
        );
        assert_eq!(plugin_name(Path::new("jackfield.d")), None);
        assert_eq!(plugin_name(Path::new("libserde_derive.so")), None);
    }
}
