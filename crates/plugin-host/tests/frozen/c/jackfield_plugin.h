/* jackfield_plugin.h - the Jackfield plugin ABI, major 1. C99, no dependencies.
 *
 * FROZEN. The structs, the five functions, the constants and the rules of this file are final: a plugin that is compiled
 * against it loads in every later host of major 1. The messages that the functions carry grow by rule R1 as well.
 *
 * A plugin performs no I/O. One call of a node is a coroutine: the host opens it and then resumes it with events; each
 * resume writes effects for the host to perform, or the result. Everything a plugin can do or say is in the messages,
 * which are the frames of rule R7; these five functions only carry them. docs/plugins/abi.md explains the messages and
 * schemas/ has their JSON Schemas; docs/plugins/c.md builds a plugin step by step.
 *
 * A call of a node that sends one request:
 *
 *     open    <- {"op":"node.execute","node":"greet","config":{..},"input":{..}, ..}
 *     resume  <- (no bytes)                                    -> {"effects":[{"id":1,"http.request":{..}}]}   JF_PENDING
 *     resume  <- {"events":[{"id":1,"ok":{"status":200,..}}]}  -> {"result":{"output":{..}}}                   JF_DONE
 *     close
 *
 * RULES
 * R1 Growth.    A field, constant or symbol that shipped never changes its type or meaning. A struct grows only at its
 *               end; a reader uses a field only if offset + sizeof(field) <= size, and 0 or NULL means absent. A new
 *               meaning gets a new name. A new major gets a new entry symbol, and an old host does not look for it.
 * R2 Memory.    Bytes passed in either direction are borrowed until the call returns. Neither side frees or keeps the
 *               other's memory. A pointer to bytes has no alignment beyond that of a byte: read lengths byte by byte or
 *               with memcpy. A pointer with length 0 may be NULL. Pointers to structs are aligned and never NULL, unless
 *               their comment says so.
 * R3 Unwinding. Nothing unwinds or longjmps across the boundary. A plugin does not call exit, abort, fork, chdir or
 *               setenv, installs no signal handlers, and does not read or write descriptors 0, 1 and 2. A C++ plugin
 *               catches everything at the boundary and returns JF_E_PANIC.
 * R4 Threads.   describe, open and extension may be called concurrently, on any thread. One jf_instance is used by one
 *               call at a time, but by any thread: no state in thread-locals may outlive a call. What one thread wrote
 *               is visible to the next one that uses the instance: the host sees to it. A function has 512 KiB of stack.
 * R5 Callbacks. A plugin calls the host only through out->write, on the calling thread, before it returns.
 * R6 Lifetime.  The library stays loaded until the process ends. An upgrade is a new process. A process may end at any
 *               time without closing what is open: do not rely on static destructors or on atexit.
 * R7 Frames.    u32le json_len, u32le bin_len, json_len bytes of UTF-8 JSON (one object, no byte order mark, not deeper
 *               than 127 levels), bin_len raw bytes, and nothing more. No bytes at all stand for {}. In a member
 *               that the message formats declare as an attachment, {"$bin":[offset,len]} points into the raw bytes; in
 *               any other member it is data like everything else. Unknown JSON members are ignored, members come in
 *               any order, and an optional member is left out rather than null. An unknown effect is answered with the
 *               error code "UNSUPPORTED".
 */
#ifndef JACKFIELD_PLUGIN_H
#define JACKFIELD_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

/* JF_EXPORT and JF_CALL stand on the definition of the entry symbol and of the functions in the table. */
#if defined(_WIN32)
#  define JF_EXPORT __declspec(dllexport)
#  define JF_CALL __cdecl
#else
#  define JF_EXPORT __attribute__((visibility("default")))
#  define JF_CALL
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Minor version of this header: what a struct's `minor` says when it was compiled against it. */
#define JF_MINOR 0u

/* What every function returns. Any other value is treated as JF_E_MALFORMED. */
typedef int32_t jf_status;
#define JF_DONE         0    /* describe, open: it worked. resume: terminal, the frame written holds the result.       */
#define JF_PENDING      1    /* resume only: the frame written may hold effects, and at least one id is outstanding.   */
#define JF_E_PANIC     (-1)  /* A panic or exception was caught. The instance is poisoned: only close may follow.      */
#define JF_E_MALFORMED (-2)  /* The peer sent a bad frame or broke the order of calls.                                 */
#define JF_E_LIMIT     (-3)  /* out->write refused.                                                                    */
#define JF_E_NOMEM     (-4)  /* Memory ran out.                                                                        */

/* The host's byte sink. The struct is the host's and valid until the call that received it returns; do not copy it. */
typedef struct jf_out {
  uint32_t size;                  /* sizeof(jf_out) of the host                                                        */
  uint32_t reserved;              /* 0, and ignored by the plugin                                                      */
  void *ctx;                      /* the host's; handed back unchanged                                                 */
  /* Appends len bytes; never NULL. The host copies them before it returns, and never calls the plugin from here. A
   * frame may be written in any number of pieces. Returns 0; anything else means that a limit was reached: stop and
   * return JF_E_LIMIT. Thread: the one that received the sink. */
  int32_t (JF_CALL *write)(void *ctx, const void *bytes, size_t len);
} jf_out;

/* What the host tells about itself. The struct and its strings live as long as the process; the plugin may keep them. */
typedef struct jf_host_v1 {
  uint32_t size;                  /* sizeof(jf_host_v1) of the host                                                    */
  uint32_t minor;                 /* JF_MINOR of the host                                                              */
  const char *info_json;          /* NUL-terminated JSON: {"name","version","features":[..],"limits":{..}}             */
} jf_host_v1;

/* One call, a coroutine; opaque to the host. A plugin defines the struct as it likes. */
typedef struct jf_instance jf_instance;

/* The plugin's function table: static, immutable, the same pointer for the life of the process, and the plugin's own. No
 * entry is NULL except `extension`. Write `static const jf_plugin_v1 table = {sizeof table, JF_MINOR, ..}`. */
typedef struct jf_plugin_v1 {
  uint32_t size;                  /* sizeof(jf_plugin_v1) of the plugin                                                */
  uint32_t minor;                 /* JF_MINOR of the plugin                                                            */

  /* Writes one frame, the manifest: name, version, nodes with ports and config schemas, providers, required features.
   * query: borrowed frame with what the host asks for; len 0 means everything. Cheap, without side effects, and the
   *        same answer for the same query.
   * out:   borrowed.
   * Returns JF_DONE or an error; what was written before an error is thrown away. Called at least once per process.
   * Thread: any, concurrently with everything. */
  jf_status (JF_CALL *describe)(const void *query, size_t len, const jf_out *out);

  /* Begins a call and returns at once: no effects, no waiting.
   * call:     borrowed frame {"op":"node.execute", ..}; copy what is needed.
   * instance: on JF_DONE set to a new instance, not NULL, which the host holds until it gives it to close. It is memory
   *           of the plugin. Untouched otherwise: what was allocated before an error, open itself frees.
   * An unknown operation, an unknown node or an unusable config is no failure of open: the first resume reports it.
   * Returns JF_DONE or an error. Thread: any, concurrently with everything. */
  jf_status (JF_CALL *open)(const void *call, size_t len, jf_instance **instance);

  /* Runs the call until it finishes or needs the host.
   * instance: from open; after JF_DONE or an error only close may follow.
   * events:   borrowed frame {"events":[{"id":7,"ok":{..}} | {"id":7,"err":{..}} | {"cancel":{..}}]}; len 0 on the first
   *           resume. Each outstanding id is answered once, in any order, in any number per resume. An id that the
   *           plugin does not know is ignored. After "cancel" the plugin tidies up and finishes soon, with an error of
   *           the code "CANCELLED" or with its result. A host need not send it: it may close instead.
   * out:      borrowed. At most one frame; nothing written stands for {}. It is
   *           {"effects":[{"id":7,"http.request":{..}}, ..]} and, with JF_DONE, also a "result" or an "error" member,
   *           not both. Ids are chosen by the plugin, never 0, never used twice in one call. Effects that are
   *           not answered ("log", "progress") have no id. The answer to an effect that is still outstanding after
   *           JF_DONE is thrown away, and so is what was written before an error.
   * Returns JF_DONE, JF_PENDING or an error. Thread: any, one call at a time per instance. */
  jf_status (JF_CALL *resume)(jf_instance *instance, const void *events, size_t len, const jf_out *out);

  /* Ends a call and frees the instance: exactly once per instance, in any state: before the first resume, with effects
   * outstanding, after JF_DONE, after errors. Emits nothing, takes bounded time, invalidates the pointer. Thread: any,
   * not during another call on the same instance. */
  void (JF_CALL *close)(jf_instance *instance);

  /* Optional function tables by name and version; NULL when the plugin has none of that name. May itself be NULL.
   * id: borrowed, NUL-terminated, such as "example/1". Host and plugin agree on a table by its name alone: a host asks
   *     for what it knows, and must do without. No table is defined so far. The returned table is static.
   * Thread: any, concurrently with everything. */
  const void *(JF_CALL *extension)(const char *id);
} jf_plugin_v1;

/* The only symbol a plugin exports. Called once per process, before everything else, on any thread.
 * host: lives as long as the process and is the host's; the plugin may keep the pointer.
 * out:  borrowed; a plugin that refuses this host writes the reason to it as UTF-8 text (no frame).
 * Returns the plugin's table, or NULL to refuse: because the list of features in info_json lacks one that the plugin
 * cannot do without, for example. Do nothing here that can fail or take long. */
JF_EXPORT const jf_plugin_v1 *JF_CALL jackfield_plugin_entry_v1(const jf_host_v1 *host, const jf_out *out);

#ifdef __cplusplus
}
#endif
#endif /* JACKFIELD_PLUGIN_H */
