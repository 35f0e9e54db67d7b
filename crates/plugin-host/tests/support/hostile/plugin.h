/* What the hostile plugins in C share: a manifest with one node of the plugin's own name, frames, and the table.
 *
 * Each is compiled with -D of its case in capitals, and with NAME. A source defines `run`, which does the harm, or spoils
 * what is defined here with macros. */
#define _GNU_SOURCE
#include "jackfield_plugin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NODE(type)                                                                                                      \
  "{\"type\":\"" type "\",\"name\":\"Harm\",\"description\":\"Does harm.\",\"category\":\"test\","                      \
  "\"inputs\":[{\"name\":\"data-in\"}],\"outputs\":[{\"name\":\"data-out\"}],\"provider\":\"" NAME "\","                \
  "\"configSchema\":{\"type\":\"object\",\"properties\":{\"url\":{\"type\":\"string\",\"description\":\"Where to.\"}}}}"
#define PROVIDER                                                                                                        \
  "{\"name\":\"" NAME "\",\"title\":\"Harm\",\"hosts\":[\"api.harm.example\"],\"schemes\":[{\"scheme\":\"token\","  \
  "\"title\":\"Token\",\"schema\":{\"type\":\"object\"},\"injection\":[]}]}"

#ifndef MANIFEST
#define MANIFEST                                                                                                        \
  "{\"name\":\"" NAME "\",\"version\":\"1.0.0\",\"description\":\"Harm.\",\"nodes\":[" NODE(NAME) "],\"providers\":["  \
  PROVIDER "]}"
#endif

struct jf_instance {
  int turn;
  char *call;
  size_t len;
};

static int32_t write_frame(const jf_out *out, const char *json, size_t len) {
  unsigned char head[8] = {len, len >> 8, len >> 16, len >> 24};
  return out->write(out->ctx, head, 8) || out->write(out->ctx, json, len);
}

static jf_status say(const jf_out *out, jf_status status, const char *json) {
  return write_frame(out, json, strlen(json)) ? JF_E_LIMIT : status;
}

static jf_status finish(const jf_out *out, const char *output) {
  size_t room = strlen(output) + 64;
  char *json = malloc(room);
  snprintf(json, room, "{\"result\":{\"port\":\"data-out\",\"output\":%s}}", output);
  jf_status status = say(out, JF_DONE, json);
  free(json);
  return status;
}

static jf_status fail(const jf_out *out, const char *code, const char *message) {
  char json[512];
  snprintf(json, sizeof json, "{\"error\":{\"code\":\"%s\",\"message\":\"%s\"}}", code, message);
  return say(out, JF_DONE, json);
}

/* Whether a descriptor is that of the protocol. */
static int is_socket(int fd) {
  struct stat found;
  return !fstat(fd, &found) && S_ISSOCK(found.st_mode);
}

/* Ends the call with what the system said to an attempt: an error when it was refused. */
static jf_status attempted(const jf_out *out, long result) {
  return result < 0 ? fail(out, "REFUSED", strerror(errno)) : finish(out, "\"it worked\"");
}

/* Ends the call with the error of the only answer, or with "it worked". */
static jf_status answered(const void *events, size_t len, const jf_out *out) {
  const char *found = memmem(events, len, "\"err\":", 6);
  if (!found) return finish(out, "\"it worked\"");
  char json[1024];
  const char *end = memchr(found, '}', (const char *)events + len - found);
  snprintf(json, sizeof json, "{\"error\":%.*s}", (int)(end + 1 - found - 6), found + 6);
  return say(out, JF_DONE, json);
}

/* The value of a member of the call that is a string, or "". */
static const char *text(jf_instance *self, const char *member) {
  static char value[256];
  char quoted[64];
  snprintf(quoted, sizeof quoted, "\"%s\":\"", member);
  const char *found = strstr(self->call, quoted);
  value[0] = 0;
  if (found) sscanf(found + strlen(quoted), "%255[^\"]", value);
  return value;
}

#ifndef OWN_RUN
static jf_status run(jf_instance *self, const void *events, size_t len, const jf_out *out);
#endif

#ifndef OWN_DESCRIBE
static jf_status describe(const void *query, size_t len, const jf_out *out) {
  (void)query, (void)len;
  return say(out, JF_DONE, MANIFEST);
}
#endif

#ifndef OWN_OPEN
static jf_status open_call(const void *call, size_t len, jf_instance **instance) {
  if (len < 8) return JF_E_MALFORMED;
  jf_instance *self = calloc(1, sizeof *self);
  self->call = calloc(1, len - 7);
  memcpy(self->call, (const char *)call + 8, len - 8);
  self->len = len - 8;
  *instance = self;
  return JF_DONE;
}
#endif

static jf_status resume(jf_instance *self, const void *events, size_t len, const jf_out *out) {
#ifdef OWN_RUN
  return finish(out, "null");
#else
  jf_status status = run(self, events, len, out);
  self->turn++;
  return status;
#endif
}

#ifndef OWN_CLOSE
static void close_call(jf_instance *self) {
  free(self->call);
  free(self);
}
#endif

#ifndef OWN_ENTRY
static const jf_plugin_v1 TABLE = {sizeof(jf_plugin_v1), JF_MINOR, describe, open_call, resume, close_call, NULL};

JF_EXPORT const jf_plugin_v1 *jackfield_plugin_entry_v1(const jf_host_v1 *host, const jf_out *out) {
  (void)host, (void)out;
  return &TABLE;
}
#endif
