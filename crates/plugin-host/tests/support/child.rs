//! The smallest program that can be a plugin's process.

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some(jackfield_plugin_host::CHILD_ARG) => jackfield_plugin_host::child::run(),
        _ => eprintln!("this program is started by the tests of the plugin host"),
    }
}
