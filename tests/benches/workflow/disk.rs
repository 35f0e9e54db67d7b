//! What the disk takes by itself.

use std::os::unix::fs::FileExt;
use std::time::Instant;

use anyhow::Result;

use super::driver::Latencies;

/// How many bytes a commit of one run writes, about: ten to nineteen pages.
const COMMIT: usize = 60 << 10;
const TIMES: u64 = 200;

/// How long it takes to write as much as a commit does, over what is there already, and to have it on disk.
pub fn synced() -> Result<Latencies> {
    let file = tempfile::tempfile()?;
    let bytes = vec![7; COMMIT];
    let places = || (0..TIMES).map(|number| number * COMMIT as u64);
    for place in places() {
        file.write_all_at(&bytes, place)?;
    }
    file.sync_all()?;
    let mut latencies = Latencies::default();
    for place in places() {
        let begun = Instant::now();
        file.write_all_at(&bytes, place)?;
        file.sync_data()?;
        latencies.push(begun.elapsed());
    }
    Ok(latencies)
}
