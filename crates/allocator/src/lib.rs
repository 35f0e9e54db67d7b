//! What the memory allocator of this process is told.
#![cfg_attr(
    all(target_os = "linux", target_env = "gnu"),
    expect(unsafe_code, reason = "glibc is told by a function in C")
)]

/// Has threads that are still to be started share the arenas of glibc's allocator, one for each core. By default there are up to
/// eight for each: what was freed in one is not given out by another, so that a server that has been busy once keeps several times
/// what it needs. Other allocators have no such setting.
pub fn share_arenas() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let cores = i32::try_from(cores).unwrap_or(i32::MAX);
        // SAFETY: it sets a number, under the allocator's own lock (mallopt(3)). It returns 0 where it does not, which changes nothing.
        unsafe { libc::mallopt(libc::M_ARENA_MAX, cores) };
    }
}
