//! What the server's process uses, as the kernel counts it.

use std::fs;

use anyhow::{Context, Result};

/// The resident memory of a process in bytes.
pub fn resident(process: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .context("a process has VmRSS")?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes * 1024)
}

/// The time that a process has spent on processors, in milliseconds.
pub fn busy_ms(process: u32) -> Result<u64> {
    /// Linux counts in hundredths of a second on every usual machine.
    const TICK_MS: u64 = 10;
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let (_, fields) = stat.rsplit_once(')').context("a name in parentheses")?;
    let mut times = fields.split_whitespace().skip(11);
    let mut next = || -> Result<u64> { Ok(times.next().context("utime and stime")?.parse()?) };
    Ok((next()? + next()?) * TICK_MS)
}
