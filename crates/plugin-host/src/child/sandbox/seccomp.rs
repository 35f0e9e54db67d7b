use std::collections::BTreeMap;

use seccompiler::{
    BackendError, BpfProgram, Error, SeccompAction, SeccompCmpArgLen as Len, SeccompCmpOp as Op,
    SeccompCondition, SeccompFilter, SeccompRule, apply_filter,
};

/// What loading and running a plugin needs: memory, time, random bytes, its threads, the socket that is already open.
const ALLOWED: &[i64] = &[
    libc::SYS_brk,
    libc::SYS_clock_getres,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_close,
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_eventfd2,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_fcntl,
    libc::SYS_fstat,
    libc::SYS_fstatfs,
    libc::SYS_futex,
    libc::SYS_getcpu,
    libc::SYS_getcwd,
    libc::SYS_getegid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getpid,
    libc::SYS_getrandom,
    libc::SYS_gettid,
    libc::SYS_gettimeofday,
    libc::SYS_getuid,
    libc::SYS_lseek,
    libc::SYS_madvise,
    libc::SYS_membarrier,
    libc::SYS_mprotect,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_nanosleep,
    libc::SYS_newfstatat,
    libc::SYS_ppoll,
    libc::SYS_pread64,
    libc::SYS_read,
    libc::SYS_readlinkat,
    libc::SYS_readv,
    libc::SYS_restart_syscall,
    libc::SYS_rseq,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_seccomp,
    libc::SYS_set_robust_list,
    libc::SYS_sigaltstack,
    libc::SYS_statx,
    libc::SYS_sysinfo,
    libc::SYS_uname,
    libc::SYS_write,
    libc::SYS_writev,
];

/// The same, by the names that only older architectures have.
#[cfg(target_arch = "x86_64")]
const ALLOWED_HERE: &[i64] = &[
    libc::SYS_access,
    libc::SYS_arch_prctl,
    libc::SYS_epoll_wait,
    libc::SYS_getrlimit,
    libc::SYS_lstat,
    libc::SYS_poll,
    libc::SYS_readlink,
    libc::SYS_stat,
    libc::SYS_time,
];
#[cfg(not(target_arch = "x86_64"))]
const ALLOWED_HERE: &[i64] = &[];

/// What nothing needs any more once a library is loaded.
const LOADING: &[i64] = &[libc::SYS_openat, libc::SYS_seccomp];

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Refuses every system call that is not listed with EPERM. Does nothing where the kernel has no filters, and on an
/// architecture that they cannot be built for: [`is_in_force`] tells.
pub(super) fn restrict() -> Result<(), Error> {
    let mut rules: Rules = ALLOWED
        .iter()
        .chain(ALLOWED_HERE)
        .map(|call| (*call, Vec::new()))
        .collect();
    let own_pid = std::process::id().into();
    let thread = (libc::CLONE_THREAD | libc::CLONE_VM).cast_unsigned().into();
    let writing = (libc::O_ACCMODE | libc::O_CREAT | libc::O_TRUNC).cast_unsigned();
    let prctl = |option: i32| condition(0, Op::Eq, option.cast_unsigned().into());
    // Threads, but no processes.
    rules.insert(
        libc::SYS_clone,
        vec![condition(0, Op::MaskedEq(thread), thread)?],
    );
    // Answered below; glibc then uses clone, whose flags a filter can see.
    rules.insert(libc::SYS_clone3, Vec::new());
    // Files to read only; which ones is for Landlock to say.
    let reading = condition(2, Op::MaskedEq(writing.into()), 0)?;
    rules.insert(libc::SYS_openat, vec![reading]);
    // Memory of its own: what is shared does not count towards its limit.
    let private = libc::MAP_PRIVATE.cast_unsigned().into();
    let kind = (libc::MAP_SHARED | libc::MAP_PRIVATE)
        .cast_unsigned()
        .into();
    rules.insert(
        libc::SYS_mmap,
        vec![condition(3, Op::MaskedEq(kind), private)?],
    );
    // Its own signals only: abort() ends with one.
    rules.insert(libc::SYS_tgkill, vec![condition(0, Op::Eq, own_pid)?]);
    // Limits to read only.
    rules.insert(libc::SYS_prlimit64, vec![wide_condition(2, 0)?]);
    rules.insert(
        libc::SYS_prctl,
        vec![
            prctl(libc::PR_SET_NAME)?,
            prctl(libc::PR_SET_NO_NEW_PRIVS)?,
            prctl(libc::PR_SET_SECCOMP)?,
            prctl(libc::PR_GET_SECCOMP)?,
            prctl(libc::PR_GET_NO_NEW_PRIVS)?,
        ],
    );
    let no_clone3 = Rules::from([(libc::SYS_clone3, Vec::new())]);
    let not_there = SeccompAction::Errno(libc::ENOSYS.cast_unsigned());
    let refused = SeccompAction::Errno(libc::EPERM.cast_unsigned());
    let Some(no_clone3) = compile(no_clone3, SeccompAction::Allow, not_there)? else {
        return Ok(());
    };
    let Some(listed) = compile(rules, refused, SeccompAction::Allow)? else {
        return Ok(());
    };
    match apply_filter(&no_clone3) {
        Err(Error::Prctl(error) | Error::Seccomp(error)) if is_missing(&error) => Ok(()),
        Err(error) => Err(error),
        Ok(()) => apply_filter(&listed),
    }
}

/// What a kernel without filters says.
fn is_missing(error: &std::io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EINVAL | libc::ENOSYS))
}

/// Whether the kernel filters what this process calls.
pub(super) fn is_in_force() -> bool {
    // SAFETY: asks for a number and changes nothing.
    let mode = unsafe { libc::prctl(libc::PR_GET_SECCOMP) };
    mode == libc::SECCOMP_MODE_FILTER.cast_signed()
}

/// Refuses to open files from now on.
pub(super) fn close_files() -> Result<(), Error> {
    let rules = LOADING.iter().map(|call| (*call, Vec::new())).collect();
    let refused = SeccompAction::Errno(libc::EACCES.cast_unsigned());
    match compile(rules, SeccompAction::Allow, refused)? {
        Some(program) => apply_filter(&program),
        None => Ok(()),
    }
}

fn compile(
    rules: Rules,
    otherwise: SeccompAction,
    listed: SeccompAction,
) -> Result<Option<BpfProgram>, Error> {
    let Ok(architecture) = std::env::consts::ARCH.try_into() else {
        return Ok(None);
    };
    let filter = SeccompFilter::new(rules, otherwise, listed, architecture)?;
    Ok(Some(BpfProgram::try_from(filter)?))
}

fn condition(argument: u8, op: Op, value: u64) -> Result<SeccompRule, BackendError> {
    SeccompRule::new(vec![SeccompCondition::new(
        argument,
        Len::Dword,
        op,
        value,
    )?])
}

fn wide_condition(argument: u8, value: u64) -> Result<SeccompRule, BackendError> {
    SeccompRule::new(vec![SeccompCondition::new(
        argument,
        Len::Qword,
        Op::Eq,
        value,
    )?])
}
