use serde_json::json;

use super::collection::{compile, open};
use crate::world::{World, call, shown};

/// Each is listed with the reason, takes nothing along, and leaves the good one at work.
#[tokio::test]
async fn what_cannot_be_loaded_says_why() {
    let plugins = compile(|case| case.at_load);
    let host = open(&plugins, |_| ()).await;
    let listed: String = host
        .plugins()
        .iter()
        .map(|plugin| match plugin.error() {
            Some(error) => format!("{}\n", plugins.shown(error)),
            None => format!("{} is ready\n", plugin.name()),
        })
        .collect();
    insta::assert_snapshot!(listed, @r#"
    DIR/constructor_aborts.so: its process was ended by signal 6 (SIGABRT); this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    DIR/constructor_closes.so: it closed its connection to the server and its process was ended; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    DIR/constructor_exits.so: its process exited with code 0; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    DIR/constructor_half_hello.so: it did not start within 8000 ms; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    DIR/constructor_leaks.so: its process was ended by signal 6 (SIGABRT); this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    DIR/constructor_loops.so: it did not start within 8000 ms; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    DIR/constructor_speaks.so: it wrote a message of 1835081801 bytes, 75497480 are allowed; its process was ended; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    DIR/constructor_throws.so: its process was ended by signal 6 (SIGABRT); this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    DIR/dangling_table.so: its process was ended by signal 11 (SIGSEGV); this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    DIR/describe_crashes.so: its process was ended by signal 11 (SIGSEGV); this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    DIR/describe_floods.so: describe wrote more than 75497480 bytes; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    DIR/describe_loops.so: it did not return within 3000 ms and its process was ended; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    DIR/describe_panics.so: describe panicked; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    DIR/describe_waits.so: describe returned JF_PENDING, which only resume may; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    DIR/entry_crashes.so: its process was ended by signal 11 (SIGSEGV); this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    good is ready
    DIR/huge_table.so: its function table says that it has 4294967295 bytes, which no table has
    DIR/manifest_any_name.so: its manifest is not valid: name is "../../etc"; a name has lower case letters, digits, hyphens and underscores, begins with a letter and has at most 64
    DIR/manifest_bad_length.so: its manifest is not valid: the frame's JSON part has 16777215 bytes, 8388608 are allowed
    DIR/manifest_bad_utf8.so: its manifest is not valid: the frame's JSON part is not UTF-8
    DIR/manifest_deep.so: its manifest is not valid: the frame's JSON part: EOF while parsing a list at line 1 column 300157
    DIR/manifest_deep_schema.so: its manifest is not valid: the frame's JSON part: recursion limit exceeded at line 1 column 288
    DIR/manifest_giant.so: its manifest is not valid: nodes has 66660 members, 1000 are allowed
    DIR/manifest_huge_number.so: its manifest is not valid: the frame's JSON part: number out of range at line 1 column 192
    DIR/manifest_no_json.so: its manifest is not valid: the frame's JSON part: expected ident at line 1 column 2
    DIR/manifest_twice.so: its manifest is not valid: nodes[1].type "manifest_twice" is there twice
    DIR/manifest_unknown_feature.so: its manifest is not valid: it requires the feature "teleport/1", which this server does not have; a newer server may
    DIR/misaligned_table.so: its function table is not where one can be (misaligned pointer)
    DIR/no_symbol.so: it does not export jackfield_plugin_entry_v1, so it is no Jackfield plugin of ABI 1
    DIR/null_close.so: its function table has no close (NULL)
    DIR/null_describe.so: its function table has no describe (NULL)
    DIR/null_open.so: its function table has no open (NULL)
    DIR/null_resume.so: its function table has no resume (NULL)
    DIR/null_table.so: it returned no function table (NULL)
    DIR/rambling_refusal.so: it refuses this host: this host is too old, this host is too old, this host is too old, this host is too old, this host is too old, this host is too old, this host is too old, this host is too old, this host is too old, this host is too old, this host is too old, this host is too old, this host is too old, this host is too old, this host is too old, this host is too old, this host is too old, this host is too old, 
    DIR/refuses_host.so: it refuses this host: this host is too old
    DIR/short_table.so: its function table has 24 bytes, ABI 1 has 40; build it against jackfield_plugin.h of ABI 1
    "#);
    let good = call(&host, &World::default(), "good", json!({})).await;
    assert_eq!(shown(good), r#""good""#);
}
