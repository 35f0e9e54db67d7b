//! The smallest program that can be a plugin's process. Started by the name `landlock-<n>` or `seccomp-0`, it takes the
//! kernel for one that has no more than that.

use jackfield_plugin_host::child::{self, Kernel};

fn main() {
    let mut arguments = std::env::args();
    let name = arguments.next().unwrap_or_default();
    let name = name.rsplit('/').next().unwrap_or_default();
    let mut kernel = Kernel::default();
    match name.split_once('-') {
        Some(("landlock", version)) => kernel.landlock = version.parse().unwrap_or_default(),
        Some(("seccomp", _)) => kernel.seccomp = false,
        _ => {}
    }
    match arguments.next().as_deref() {
        Some(jackfield_plugin_host::CHILD_ARG) => child::run_on(kernel),
        _ => eprintln!("this program is started by the tests of the plugin host"),
    }
}
