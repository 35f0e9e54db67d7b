use futures_util::{StreamExt, stream};
use jackfield_plugin_host::Host;
use serde_json::json;

use super::collection::{cases, compile, open};
use crate::requests::Server;
use crate::world::{World, call, shown};

/// How many calls go on at a time.
const TOGETHER: usize = 8;

/// The host that the plugins name in their manifests.
const GRANTED: &str = "https://api.harm.example";

async fn harm(host: &Host, server: &Server, name: &str) -> String {
    let (url, leads_to) = match name {
        "host_not_granted" => ("https://elsewhere.example/".to_owned(), server.url("")),
        "private_address" => (GRANTED.to_owned(), "http://10.0.0.1/".to_owned()),
        // Answered with a redirect to elsewhere.example.
        _ => (format!("{GRANTED}/elsewhere"), server.url("")),
    };
    let world = World {
        reroute: Some((GRANTED.to_owned(), leads_to)),
        ..World::default()
    };
    let done = call(host, &world, name, json!({"url": url})).await;
    format!("{name}: {}\n", shown(done))
}

/// Each call ends with a named error, and the good plugin works after each.
#[tokio::test]
async fn whoever_does_harm_fails_alone() {
    let plugins = compile(|case| !case.at_load);
    let host = open(&plugins, |_| ()).await;
    let server = Server::start().await;
    let names = cases().filter(|case| !case.at_load).map(|case| case.name);
    let harm = |name| {
        let (host, server) = (&host, &server);
        async move {
            let done = harm(host, server, name).await;
            let good = call(host, &World::default(), "good", json!({})).await;
            assert_eq!(shown(good), r#""good""#, "after {name}");
            done
        }
    };
    let told: Vec<String> = stream::iter(names)
        .map(harm)
        .buffered(TOGETHER)
        .collect()
        .await;
    insta::assert_snapshot!(told.concat(), @r#"
    bad_json_length: PLUGIN_FAULT: the plugin bad_json_length: it wrote a bad frame: the frame's JSON part has 2147483647 bytes, 8388608 are allowed; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    bad_bin_length: PLUGIN_FAULT: the plugin bad_bin_length: it wrote a bad frame: the frame's attachments part has 4294967295 bytes, 67108864 are allowed; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    short_frame: PLUGIN_FAULT: the plugin short_frame: it wrote a bad frame: the frame announces 8 bytes, 3 came; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    trailing_bytes: PLUGIN_FAULT: the plugin trailing_bytes: it wrote a bad frame: the frame announces 10 bytes, 14 came; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    bad_utf8: PLUGIN_FAULT: the plugin bad_utf8: it wrote a bad frame: the frame's JSON part is not UTF-8; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    no_json: PLUGIN_FAULT: the plugin no_json: it wrote a bad frame: the frame's JSON part: expected value at line 1 column 1; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    no_object: PLUGIN_FAULT: the plugin no_object: it finished without result or error; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    empty_frame: PLUGIN_FAULT: the plugin empty_frame: it finished without result or error; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    deep_json: PLUGIN_FAULT: the plugin deep_json: it finished without result or error; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    deep_output: PLUGIN_FAULT: the plugin deep_output: its output cannot be kept as JSON: nested more than 100 levels deep at line 1 column 101; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    deep_error: PLUGIN_FAULT: the plugin deep_error: its error.data cannot be kept as JSON: nested more than 100 levels deep at line 1 column 101; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    huge_number: PLUGIN_FAULT: the plugin huge_number: its output cannot be kept as JSON: number out of range at line 1 column 10; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    lone_surrogate: PLUGIN_FAULT: the plugin lone_surrogate: its output cannot be kept as JSON: unexpected end of hex escape at line 1 column 16; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    nul_in_output: {"text":"a\u0000b","\u0000":1}
    bin_outside: INVALID_REQUEST: an attachment points to bytes 4294967295..4294967295+4294967295, the frame has 0
    endless_output: TOO_LARGE: the plugin endless_output: resume wrote more than 75497480 bytes; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    ignores_refusal: TOO_LARGE: the plugin ignores_refusal: resume wrote more than 75497480 bytes and did not stop when it was refused (JF_E_LIMIT); this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    endless_piece: TOO_LARGE: the plugin endless_piece: resume wrote more than 75497480 bytes; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    output_of_nobody: TOO_LARGE: the plugin output_of_nobody: resume wrote more than 75497480 bytes; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    endless_turns: PLUGIN_FAULT: the plugin endless_turns: it asked for more than 20000 effects in one call; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    many_effects: TOO_LARGE: at most 1024 effects may be outstanding
    many_lines: "it worked"
    junk_on_stdout: PRINTED: It printed ten thousand lines.
    duplicate_id: PLUGIN_FAULT: the plugin duplicate_id: it used the effect id 1 twice; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    zero_id: PLUGIN_FAULT: the plugin zero_id: it asked for now without an id; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    no_id: PLUGIN_FAULT: the plugin no_id: it asked for now without an id; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    id_too_large: PLUGIN_FAULT: the plugin id_too_large: it wrote a bad frame: the frame's JSON part: invalid type: floating point `1.8446744073709552e+19`, expected u64 at line 1 column 38; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    negative_id: PLUGIN_FAULT: the plugin negative_id: it wrote a bad frame: the frame's JSON part: invalid value: integer `-1`, expected u64 at line 1 column 20; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    unknown_effect: UNSUPPORTED: this server does not know the effect "shell.run"
    two_effects_in_one: "it worked"
    pending_for_nothing: PLUGIN_FAULT: the plugin pending_for_nothing: it waits, but for nothing that it asked the host for; a node may await host calls only; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    pending_for_a_log: PLUGIN_FAULT: the plugin pending_for_a_log: it waits, but for nothing that it asked the host for; a node may await host calls only; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    effects_after_done: PLUGIN_FAULT: the plugin effects_after_done: it asked for now and finished at once; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    result_and_error: PLUGIN_FAULT: the plugin result_and_error: it finished with both a result and an error; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    result_too_early: PLUGIN_FAULT: the plugin result_too_early: it gave a result, but did not finish; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    no_result: PLUGIN_FAULT: the plugin no_result: it finished without result or error; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    unknown_port: PLUGIN_FAULT: the plugin unknown_port: it finished at the port nowhere, which unknown_port has not; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    unknown_status: PLUGIN_FAULT: the plugin unknown_status: resume returned 42, which is no status; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    lowest_status: PLUGIN_FAULT: the plugin lowest_status: resume was refused as malformed; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    returns_panic: PLUGIN_FAULT: the plugin returns_panic: resume panicked; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    random_too_much: TOO_LARGE: at most 1024 random bytes at a time, not 4294967295
    blob_of_another: INVALID_REQUEST: there is no ../../owner.key
    bad_header: INVALID_REQUEST: the value of the header x-a is not valid
    bad_method: INVALID_REQUEST: "GET / HTTP/1.1\r\n" is no HTTP method
    file_url: INVALID_REQUEST: a URL must start with http:// or https://, not file:
    private_address: FORBIDDEN_ADDRESS: 10.0.0.1 is not a public address (private); an operator can allow its range with JACKFIELD_EGRESS_ALLOW
    host_not_granted: HOST_NOT_GRANTED: the plugin host_not_granted may not reach elsewhere.example: that host is not granted. To grant it, run `jackfield plugin grant host_not_granted --hosts elsewhere.example`
    redirect_to_not_granted: HOST_NOT_GRANTED: the plugin redirect_to_not_granted may not reach elsewhere.example: that host is not granted. To grant it, run `jackfield plugin grant redirect_to_not_granted --hosts elsewhere.example`
    credential_of_another: NO_CREDENTIAL: the call has no credential "another"; select a connected app for the node
    secret_of_another: NO_CREDENTIAL: the call has no credential "another"; select a connected app for the node
    credential_elsewhere: CREDENTIAL: the credential of acme may not be sent to https://api.harm.example; its manifest or the connected app does not list that host
    segfault: PLUGIN_CRASHED: the plugin segfault: its process was ended by signal 11 (SIGSEGV); this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    aborts: PLUGIN_CRASHED: the plugin aborts: its process was ended by signal 6 (SIGABRT); this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    exits: PLUGIN_CRASHED: the plugin exits: its process exited with code 3; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    exits_quietly: PLUGIN_CRASHED: the plugin exits_quietly: its process exited with code 0; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    stack_overflow: PLUGIN_CRASHED: the plugin stack_overflow: its process was ended by signal 6 (SIGABRT); this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    divides_by_zero: PLUGIN_CRASHED: the plugin divides_by_zero: its process was ended by signal 8 (SIGFPE); this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    endless_loop: PLUGIN_TIMEOUT: the plugin endless_loop: it did not return within 3000 ms and its process was ended; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    sleeps: PLUGIN_TIMEOUT: the plugin sleeps: it did not return within 3000 ms and its process was ended; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    leak: PLUGIN_FAULT: the plugin leak: resume ran out of memory; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    leak_and_crash: PLUGIN_CRASHED: the plugin leak_and_crash: its process was ended by signal 11 (SIGSEGV); this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    shared_leak: PLUGIN_FAULT: the plugin shared_leak: resume ran out of memory; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    kills_itself: PLUGIN_CRASHED: the plugin kills_itself: its process was ended by signal 9 (SIGKILL); this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    stops_itself: PLUGIN_TIMEOUT: the plugin stops_itself: it did not return within 3000 ms and its process was ended; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    handles_signals: PLUGIN_TIMEOUT: the plugin handles_signals: it did not return within 3000 ms and its process was ended; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    handles_its_crash: PLUGIN_TIMEOUT: the plugin handles_its_crash: it did not return within 3000 ms and its process was ended; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    open_crashes: PLUGIN_CRASHED: the plugin open_crashes: its process was ended by signal 11 (SIGSEGV); this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    open_loops: PLUGIN_TIMEOUT: the plugin open_loops: it did not return within 3000 ms and its process was ended; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    open_refuses: PLUGIN_FAULT: the plugin open_refuses: open was refused as malformed; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    open_gives_nothing: PLUGIN_FAULT: the plugin open_gives_nothing: open returned no instance; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    close_crashes: PLUGIN_CRASHED: the plugin close_crashes: its process was ended by signal 6 (SIGABRT); this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    close_loops: PLUGIN_TIMEOUT: the plugin close_loops: it did not return within 3000 ms and its process was ended; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    panic_in_drop: PLUGIN_CRASHED: the plugin panic_in_drop: its process was ended by signal 6 (SIGABRT); this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    throws: PLUGIN_CRASHED: the plugin throws: its process was ended by signal 6 (SIGABRT); this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    forks: REFUSED: Operation not permitted
    executes: REFUSED: Operation not permitted
    traces_host: REFUSED: Operation not permitted
    kills_host: REFUSED: Operation not permitted
    kills_all: REFUSED: Operation not permitted
    reads_host: REFUSED: Operation not permitted
    raises_limits: REFUSED: Operation not permitted
    becomes_root: REFUSED: Operation not permitted
    opens_files: REFUSED: Permission denied
    writes_files: REFUSED: Permission denied
    opens_device: REFUSED: Permission denied
    tcp_socket: REFUSED: Operation not permitted
    udp_socket: REFUSED: Operation not permitted
    unix_socket: REFUSED: Operation not permitted
    io_uring: REFUSED: Operation not permitted
    changes_directory: REFUSED: Operation not permitted
    closes_descriptors: PLUGIN_CRASHED: the plugin closes_descriptors: its process was ended by signal 6 (SIGABRT); this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    junk_on_protocol: PLUGIN_CRASHED: the plugin junk_on_protocol: it wrote a message of 4294967295 bytes, 75497480 are allowed; its process was ended; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    half_a_frame: PLUGIN_TIMEOUT: the plugin half_a_frame: it did not return within 3000 ms and its process was ended; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    answers_for_others: PLUGIN_FAULT: the plugin answers_for_others: it finished without result or error; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    reads_protocol: PLUGIN_TIMEOUT: the plugin reads_protocol: it did not return within 3000 ms and its process was ended; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    writes_after_return: PLUGIN_FAULT: the plugin writes_after_return: resume found that the plugin had written to the host from another thread or after it had returned (rule R5); this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    writes_from_a_thread: PLUGIN_FAULT: the plugin writes_from_a_thread: resume found that the plugin had written to the host from another thread or after it had returned (rule R5); this is a mistake in the plugin, which `jackfield plugin check` helps its author to find
    thread_bomb: REFUSED: Resource temporarily unavailable
    spins_on: "it worked"
    "#);
}
