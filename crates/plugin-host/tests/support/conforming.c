/* A plugin in C that keeps every rule, and, compiled with -D of a rule that it breaks, one that breaks just this.
 *
 * Its node asks for a request and then for the time. It can be polled, receives webhooks, loads options, tests credentials
 * and lists resources. */
#define _GNU_SOURCE
#include "jackfield_plugin.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef VERSION
#define VERSION "1.0.0"
#endif
#ifndef DESCRIPTION
#define DESCRIPTION "Sends things."
#endif
#ifndef HOST
#define HOST "api.sound.example"
#endif
#ifndef SCHEMA
#define SCHEMA                                                                                                          \
  "{\"type\":\"object\",\"required\":[\"to\"],\"properties\":{\"to\":{\"type\":\"string\",\"description\":\"To whom.\","  \
  "\"examples\":[\"ada\"]}}}"
#endif
#ifndef OUTPUT_SCHEMA
#define OUTPUT_SCHEMA "{\"type\":\"object\",\"required\":[\"sent\"]}"
#endif
#ifndef EXAMPLE_OUTPUT
#define EXAMPLE_OUTPUT "{\"sent\":true}"
#endif
#ifndef CREDENTIAL_SCHEMA
#define CREDENTIAL_SCHEMA "{\"type\":\"object\",\"properties\":{\"token\":{\"type\":\"string\",\"writeOnly\":true}}}"
#endif
#ifndef CAPABILITIES
#define CAPABILITIES "[]"
#endif
#define PORTS                                                                                                           \
  "\"inputs\":[{\"name\":\"data-in\",\"description\":\"In.\"}],\"outputs\":[{\"name\":\"data-out\",\"description\":\"Out.\"}]"

static const char MANIFEST[] =
    "{\"name\":\"sound\",\"version\":\"" VERSION "\",\"description\":\"" DESCRIPTION "\",\"capabilities\":" CAPABILITIES
    ",\"nodes\":[{\"type\":\"sound-send\","
    "\"name\":\"Send\",\"description\":\"Sends.\",\"category\":\"test\"," PORTS ",\"provider\":\"sound\",\"configSchema\":" SCHEMA
    ",\"outputSchema\":" OUTPUT_SCHEMA ",\"trigger\":{\"poll\":{\"intervalSeconds\":60}},\"optionSources\":[\"people\"],"
    "\"examples\":[{\"title\":\"Send to Ada\",\"config\":{\"to\":\"ada\"},\"input\":{},\"exchanges\":[{\"request\":"
    "{\"method\":\"GET\",\"url\":\"https://api.sound.example/\"},\"response\":{\"status\":200}}],\"output\":" EXAMPLE_OUTPUT "}]}],"
    "\"providers\":[{\"name\":\"sound\",\"title\":\"Sound\",\"description\":\"Sound.\",\"hosts\":[\"" HOST "\"],\"schemes\":["
    "{\"scheme\":\"token\",\"title\":\"Token\",\"schema\":" CREDENTIAL_SCHEMA ",\"injection\":[]}],\"credentialTest\":true,"
    "\"webhook\":{},\"resources\":[{\"resourceType\":\"person\",\"name\":\"Person\",\"description\":\"A person.\",\"list\":true,"
    "\"verify\":true}]}]}";

/* JSON, as much as is needed: where a value ends, or NULL when there is none; at most 64 levels deep. */

static const char *space(const char *at, const char *end) {
  while (at < end && strchr(" \t\r\n", *at) && *at) at++;
  return at;
}

static const char *string(const char *at, const char *end) {
  if (at >= end || *at != '"') return NULL;
  for (at++; at < end && *at != '"'; at++) {
    if ((unsigned char)*at < 0x20) return NULL;
    if (*at == '\\') at++;
  }
  return at < end ? at + 1 : NULL;
}

static const char *value(const char *at, const char *end, int depth) {
  at = space(at, end);
#ifndef TRUSTS_DEPTH
  if (depth > 64) return NULL;
#endif
  if (at >= end) return NULL;
  if (*at == '"') return string(at, end);
  if (*at == '{' || *at == '[') {
    char close = *at == '{' ? '}' : ']';
    at = space(at + 1, end);
    if (at < end && *at == close) return at + 1;
    for (;;) {
      if (close == '}') {
        if (!(at = string(space(at, end), end))) return NULL;
        at = space(at, end);
        if (at >= end || *at++ != ':') return NULL;
      }
      if (!(at = value(at, end, depth + 1))) return NULL;
      at = space(at, end);
      if (at < end && *at == close) return at + 1;
      if (at >= end || *at++ != ',') return NULL;
    }
  }
  const char *start = at;
  while (at < end && strchr("+-.0123456789abcdefghijklmnopqrstuvwxyzE", *at) && *at) at++;
  return at > start ? at : NULL;
}

struct text {
  const char *at, *end;
};

/* A member of an object; empty when there is none. */
static struct text member(struct text object, const char *name) {
  struct text none = {NULL, NULL};
  const char *at = object.at ? space(object.at, object.end) : NULL, *end = object.end;
  if (!at || at >= end || *at != '{') return none;
  at++;
  for (;;) {
    const char *key = space(at, end), *after = string(key, end);
    if (!after) return none;
    const char *start = space(space(after, end) + 1, end), *stop = value(start, end, 0);
    if (!stop) return none;
    if ((size_t)(after - key) == strlen(name) + 2 && !memcmp(key + 1, name, strlen(name)))
      return (struct text){start, stop};
    at = space(stop, end);
    if (at >= end || *at++ != ',') return none;
  }
}

static int is(struct text text, const char *quoted) {
  return text.at && (size_t)(text.end - text.at) == strlen(quoted) && !memcmp(text.at, quoted, strlen(quoted));
}

static int is_utf8(const char *at, const char *end) {
  while (at < end) {
    unsigned char byte = *at++;
    int more = byte < 0x80 ? 0 : byte >> 5 == 6 ? 1 : byte >> 4 == 14 ? 2 : byte >> 3 == 30 ? 3 : -1;
    for (; more > 0; more--)
      if (at >= end || (*at++ & 0xc0) != 0x80) return 0;
    if (more < 0) return 0;
  }
  return 1;
}

/* The JSON part of a frame; empty when the frame is none. */
static struct text json_of(const void *bytes, size_t len, int trusted) {
  const unsigned char *head = bytes;
  struct text none = {NULL, NULL};
  if (len < 8) return none;
  uint64_t json = head[0] | head[1] << 8 | head[2] << 16 | (uint64_t)head[3] << 24;
  uint64_t bin = head[4] | head[5] << 8 | head[6] << 16 | (uint64_t)head[7] << 24;
  if (trusted ? json > len - 8 : json + bin != len - 8) return none;
  struct text text = {(const char *)bytes + 8, (const char *)bytes + 8 + json};
  if (!is_utf8(text.at, text.end)) return none;
  const char *end = value(text.at, text.end, 0);
  if (!end || space(end, text.end) != text.end || *space(text.at, text.end) != '{') return none;
  return text;
}

static jf_status say(const jf_out *out, jf_status status, const char *json) {
  size_t len = strlen(json);
  unsigned char head[8] = {len, len >> 8, len >> 16, len >> 24};
  int refused = out->write(out->ctx, head, 8) || out->write(out->ctx, json, len);
#ifdef IGNORES_REFUSAL
  return status;
#endif
  return refused ? JF_E_LIMIT : status;
}

static jf_status fail(const jf_out *out, const char *code) {
  char json[256];
  snprintf(json, sizeof json, "{\"error\":{\"code\":\"%s\",\"message\":\"It did not work.\"}}", code);
  return say(out, JF_DONE, json);
}

static jf_status finish(const jf_out *out, const char *output) {
  char json[256];
  snprintf(json, sizeof json, "{\"result\":{\"output\":%s}}", output);
  return say(out, JF_DONE, json);
}

struct jf_instance {
  int turn, waits_for_time;
  size_t len;
  char call[];
};

static jf_status describe(const void *query, size_t len, const jf_out *out) {
  (void)query, (void)len;
#ifdef UNSTABLE_MANIFEST
  static int times;
  return say(out, JF_DONE, times++ ? MANIFEST : "{\"name\":\"sound\",\"version\":\"1.0.1\",\"description\":\"Once.\"}");
#endif
  return say(out, JF_DONE, MANIFEST);
}

static jf_status open_call(const void *bytes, size_t len, jf_instance **instance) {
#ifdef STUMBLES_OVER_CALLS
  if (memmem(bytes, len, "1e999", 5)) abort();
#endif
#ifdef TRUSTS_LENGTHS
  struct text call = json_of(bytes, len, 1);
#else
  struct text call = json_of(bytes, len, 0);
#endif
  struct text op = member(call, "op"), node = member(call, "node"), provider = member(call, "provider");
  if (!op.at || *op.at != '"' || (node.at && *node.at != '"') || (provider.at && *provider.at != '"')) return JF_E_MALFORMED;
#ifdef REFUSES_OPERATIONS
  if (memmem(op.at, op.end - op.at, "check.", 6)) return JF_E_MALFORMED;
#endif
  size_t size = call.end - call.at;
  jf_instance *self = calloc(1, sizeof *self + size + 1);
  memcpy(self->call, call.at, size);
  self->len = size;
  *instance = self;
  return JF_DONE;
}

static void close_call(jf_instance *self) {
#ifdef CANNOT_BE_CLOSED
  if (self->waits_for_time) abort();
#endif
  free(self);
}

/* What came for an id: 1 an answer, -1 an error, -2 a cancellation, 0 nothing. */
static int heard(struct text events, const char *id, struct text *answer) {
  struct text list = member(events, "events");
  if (!list.at || *list.at != '[') return 0;
  const char *at = space(list.at + 1, list.end);
  while (at < list.end && *at == '{') {
    const char *end = value(at, list.end, 0);
    struct text event = {at, end};
    if (member(event, "cancel").at) return -2;
    if (is(member(event, "id"), id)) {
      *answer = member(event, "ok");
      return answer->at ? 1 : -1;
    }
    at = space(space(end, list.end) + 1, list.end);
  }
  return 0;
}

static jf_status send_things(jf_instance *self, struct text call, struct text events, const jf_out *out) {
  struct text answer = {NULL, NULL};
  struct text to = member(member(call, "config"), "to");
#ifndef TAKES_ANY_CONFIG
  if (!to.at || *to.at != '"') return fail(out, "INVALID_CONFIG");
#endif
  if (!self->turn) {
    self->turn = 1;
    return say(out, JF_PENDING,
               "{\"effects\":[{\"log\":{\"level\":\"info\",\"message\":\"Sending.\"}},{\"id\":1,\"http.request\":"
               "{\"method\":\"GET\",\"url\":\"https://api.sound.example/\",\"credential\":\"default\"}}]}");
  }
#ifdef ANSWERS_ANY_EVENT
  if (memmem(events.at, events.end - events.at, "18446744073709551615", 20)) return finish(out, "{\"sent\":true}");
#endif
  int found = heard(events, self->turn == 1 ? "1" : "2", &answer);
#ifdef IGNORES_CANCEL
  if (found == -2) return say(out, JF_PENDING, "{}");
#endif
  if (found == -2) return fail(out, "CANCELLED");
#ifdef FORGETS_ERRORS
  if (found == -1) return say(out, JF_PENDING, "{}");
#endif
  if (found == -1) return fail(out, "PROVIDER");
  if (found == 0) return say(out, JF_PENDING, "{}");
  if (self->turn == 1) {
    self->turn = 2;
    self->waits_for_time = 1;
#ifdef REVEALS
    return say(out, JF_PENDING, "{\"effects\":[{\"id\":2,\"secret.reveal\":{\"credential\":\"default\",\"field\":\"token\"}}]}");
#endif
    return say(out, JF_PENDING, "{\"effects\":[{\"id\":2,\"now\":{}}]}");
  }
  self->turn = 3;
#ifdef COUNTS_CALLS
  static int times;
  if (times++) return finish(out, "{\"sent\":true,\"again\":true}");
#endif
#ifdef UNKNOWN_PORT
  return say(out, JF_DONE, "{\"result\":{\"port\":\"nowhere\",\"output\":{\"sent\":true}}}");
#endif
  return finish(out, "{\"sent\":true}");
}

/* An operation that needs one effect. */
static jf_status operate(jf_instance *self, struct text events, const jf_out *out, const char *effect, const char *good,
                         const char *bad) {
  struct text answer = {NULL, NULL};
  if (!self->turn++) return say(out, JF_PENDING, effect);
  int found = heard(events, "1", &answer);
  if (found == -2) return fail(out, "CANCELLED");
  if (!found) return say(out, JF_PENDING, "{}");
  if (found < 0 || is(member(answer, "valid"), "false")) return bad ? finish(out, bad) : fail(out, "CREDENTIAL");
  return finish(out, good);
}

#define REQUEST                                                                                                         \
  "{\"effects\":[{\"id\":1,\"http.request\":{\"method\":\"GET\",\"url\":\"https://api.sound.example/\","                   \
  "\"credential\":\"default\"}}]}"
#define VERIFY                                                                                                          \
  "{\"effects\":[{\"id\":1,\"hmac.verify\":{\"algorithm\":\"sha256\",\"credential\":\"default\",\"field\":\"token\","       \
  "\"message\":{\"$bin\":[0,0]},\"signature\":\"00\",\"encoding\":\"hex\"}}]}"
#define ACCEPTED "{\"accepted\":{\"events\":[{\"dedupeKey\":\"1\",\"data\":{}}]}}"

static void *wait_on(void *nothing) {
  sleep(1000000);
  return nothing;
}

static jf_status resume(jf_instance *self, const void *bytes, size_t len, const jf_out *out) {
  struct text call = {self->call, self->call + self->len}, events = {NULL, NULL};
#ifdef TRUSTS_EVENTS
  int trusted = 1;
#else
  int trusted = 0;
#endif
#ifdef STUMBLES_OVER_EVENTS
  if (memmem(bytes, len, "1e999", 5)) abort();
#endif
  self->waits_for_time = 0;
  if (len && !(events = json_of(bytes, len, trusted)).at) return JF_E_MALFORMED;
#ifdef PRINTS
  puts("sending"), fflush(stdout);
#endif
#ifdef STARTS_THREADS
  static pthread_t thread;
  if (!thread) pthread_create(&thread, NULL, wait_on, NULL);
#endif
#ifdef HANDLES_SIGNALS
  signal(SIGTERM, _exit);
#endif
  struct text op = member(call, "op"), node = member(call, "node"), provider = member(call, "provider");
  int of_node = is(node, "\"sound-send\""), of_provider = is(provider, "\"sound\"");
#ifdef TAKES_ANY_NODE
  of_node = 1;
#endif
  if (is(op, "\"node.execute\"") && of_node) {
#ifdef TAKES_ANY_NODE
    if (!is(node, "\"sound-send\"")) return finish(out, "{\"sent\":true}");
#endif
    return send_things(self, call, events, out);
  }
#ifdef POLLS_TWICE
  if (is(op, "\"trigger.poll\"") && of_node)
    return finish(out, "{\"events\":[{\"dedupeKey\":\"1\",\"data\":{}},{\"dedupeKey\":\"1\",\"data\":{}}]}");
#endif
  if (is(op, "\"trigger.poll\"") && of_node)
    return finish(out, "{\"events\":[{\"dedupeKey\":\"1\",\"data\":{}}],\"cursor\":1}");
#ifndef NO_OPTIONS
  if (is(op, "\"options.load\"") && of_node) return finish(out, "{\"options\":[{\"value\":1,\"label\":\"Ada\"}]}");
#endif
#ifdef ACCEPTS_FORGERIES
  if (is(op, "\"webhook.receive\"") && of_provider) return finish(out, ACCEPTED);
#endif
  if (is(op, "\"webhook.receive\"") && of_provider)
    return operate(self, events, out, VERIFY, ACCEPTED, "{\"rejected\":{\"reason\":\"The signature is wrong.\"}}");
#ifdef TRUSTS_CREDENTIALS
  if (is(op, "\"credential.test\"") && of_provider) return finish(out, "{}");
#endif
  if (is(op, "\"credential.test\"") && of_provider) return operate(self, events, out, REQUEST, "{\"account\":\"Ada\"}", NULL);
  if (is(op, "\"resource.list\"") && of_provider)
    return finish(out, "{\"resources\":[{\"value\":\"1\",\"label\":\"Ada\",\"status\":\"VERIFIED\"}]}");
#ifdef ODD_RESOURCES
  if (is(op, "\"resource.verify\"") && of_provider) return finish(out, "{\"status\":\"perhaps\"}");
#endif
  if (is(op, "\"resource.verify\"") && of_provider) return finish(out, "{\"status\":\"PENDING\"}");
  return fail(out, "UNSUPPORTED");
}

static const jf_plugin_v1 TABLE = {sizeof(jf_plugin_v1), JF_MINOR, describe, open_call, resume, close_call, NULL};

JF_EXPORT const jf_plugin_v1 *jackfield_plugin_entry_v1(const jf_host_v1 *host, const jf_out *out) {
  (void)host, (void)out;
#ifdef STARTS_SLOWLY
  usleep(1200000);
#endif
#ifdef NEEDS_MUCH
  static char *volatile kept;
  kept = malloc(300 << 20);
  memset(kept, 1, 300 << 20);
#endif
  return &TABLE;
}
