use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::time::Duration;

use super::Host;
use crate::files::{self, Stamp};

/// The file that says what is installed in a directory of plugins.
const LOCK: &str = "jackfield.lock";

impl Host {
    /// Loads the plugins again whenever their directory or its lock has changed and has then been left alone for `every`.
    /// It looks at names, sizes and times only, which costs microseconds and works on every file system. Never returns.
    pub async fn follow(&self, every: Duration) {
        let mut before = self.look().await;
        loop {
            tokio::time::sleep(every).await;
            let now = self.look().await;
            let settled = now == before;
            before = now;
            if settled && now != self.seen() {
                self.reload().await;
            }
        }
    }

    /// What there is to see of the plugins without reading them.
    pub(super) async fn look(&self) -> u64 {
        let Some(dir) = self.inner.config.dir.clone() else {
            return 0;
        };
        let looked = tokio::task::spawn_blocking(move || look_at(&dir));
        looked.await.unwrap_or_default()
    }
}

pub(super) fn look_at(dir: &Path) -> u64 {
    let mut seen = DefaultHasher::new();
    Stamp::of(&dir.join(LOCK)).hash(&mut seen);
    for file in files::find(dir).unwrap_or_default() {
        Stamp::of(&file).hash(&mut seen);
        file.hash(&mut seen);
    }
    seen.finish()
}
