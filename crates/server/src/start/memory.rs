//! How much memory the allocator sets aside.

use std::thread::available_parallelism;

/// Has threads that are still to be started share the arenas of glibc's allocator, of which it makes up to eight for each core otherwise: what was freed in one
/// is not given out by another, so that a server that has been busy once would keep several times what it needs.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "there is no other way to set it from within")]
pub fn share_arenas() {
    let cores = available_parallelism().map_or(1, usize::from);
    let cores = i32::try_from(cores).unwrap_or(i32::MAX);
    // SAFETY: it sets a number, before there is a second thread (mallopt(3)).
    unsafe { libc::mallopt(libc::M_ARENA_MAX, cores) };
}

/// Other allocators have no such setting.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn share_arenas() {}
