/* A plugin that answers every operation with what the member `say` of its settings or config says, or with the call itself.
 *
 *   {"mode": "wait"}    asks for an hour of sleep; remembers what it is told when the call is given up
 *   {"mode": "report"}  returns that
 *   {"mode": "reveal"}  asks for the field `token` of its credential, and returns the answer
 *   {"mode": "busy"}    leaves a thread behind that never rests */
#define _GNU_SOURCE
#include "jackfield_plugin.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef VERSION
#define VERSION "1.0.0"
#endif
#ifndef NODE
#define NODE "desk"
#endif

static const char MANIFEST[] =
    "{\"name\":\"desk\",\"version\":\"" VERSION "\",\"nodes\":["
    "{\"type\":\"" NODE "\",\"name\":\"Desk\",\"category\":\"test\",\"inputs\":[],\"outputs\":[{\"name\":\"data-out\"}],"
    "\"configSchema\":{},\"optionSources\":[\"rooms\"]},"
    "{\"type\":\"desk-poll\",\"name\":\"Poll\",\"category\":\"trigger\",\"inputs\":[],\"outputs\":[{\"name\":\"data-out\"}],"
    "\"configSchema\":{},\"trigger\":{\"poll\":{\"intervalSeconds\":60}}}],"
    "\"providers\":[{\"name\":\"desk\",\"title\":\"Desk\",\"hosts\":[\"desk.example\"],\"schemes\":[],\"credentialTest\":true,"
    "\"webhook\":{\"eventTypes\":[]},\"resources\":[{\"resourceType\":\"room\",\"name\":\"Room\",\"description\":\"A room.\","
    "\"max\":10,\"list\":true,\"verify\":true}]}],"
    "\"capabilities\":[" CAPABILITIES "]}";

static char told[1024] = "";

struct jf_instance {
  char *call;
  int resumes;
};

static jf_status say(const jf_out *out, jf_status status, const char *json, size_t len) {
  unsigned char head[8] = {len, len >> 8, len >> 16, len >> 24, 0, 0, 0, 0};
  return out->write(out->ctx, head, 8) || out->write(out->ctx, json, len) ? JF_E_LIMIT : status;
}

static jf_status finish(const jf_out *out, const char *output, int len) {
  char *json;
  int written = asprintf(&json, "{\"result\":{\"output\":%.*s}}", len, output);
  jf_status status = say(out, JF_DONE, json, written);
  free(json);
  return status;
}

static jf_status describe(const void *query, size_t len, const jf_out *out) {
  (void)query, (void)len;
  return say(out, JF_DONE, MANIFEST, sizeof MANIFEST - 1);
}

static jf_status open_call(const void *call, size_t len, jf_instance **instance) {
  const unsigned char *head = call;
  size_t json = head[0] | head[1] << 8 | head[2] << 16 | (size_t)head[3] << 24;
  jf_instance *self = calloc(1, sizeof *self);
  (void)len;
  self->call = strndup((const char *)call + 8, json);
  *instance = self;
  return JF_DONE;
}

static void close_call(jf_instance *self) {
  free(self->call);
  free(self);
}

/* Length of the JSON value that begins here. */
static int value(const char *json) {
  int depth = 0, quoted = 0, at = 0;
  for (; json[at]; at++) {
    if (quoted) {
      if (json[at] == '\\') at++;
      else if (json[at] == '"') quoted = 0;
    } else if (json[at] == '"') quoted = 1;
    else if (strchr("{[", json[at])) depth++;
    else if (strchr("}]", json[at])) depth--;
    if (!quoted && depth == 0) return at + 1;
  }
  return at;
}

static void *spin(void *nothing) {
  for (volatile int forever = 1; forever;) {
  }
  return nothing;
}

static jf_status resume(jf_instance *self, const void *events, size_t len, const jf_out *out) {
  const char *json = (const char *)events + 8, *said = strstr(self->call, "\"say\":");
  char buffer[2048];
  if (strstr(self->call, "\"mode\":\"wait\"")) {
    static const char wait[] = "{\"effects\":[{\"log\":{\"level\":\"info\",\"message\":\"here\"}},"
                               "{\"id\":7,\"sleep\":{\"ms\":3600000}}]}";
    if (!self->resumes++) return say(out, JF_PENDING, wait, sizeof wait - 1);
    if (!*told) snprintf(told, sizeof told, "%.*s", (int)(len - 8), json);
    if (strstr(self->call, "\"stubborn\""))
      return say(out, JF_PENDING, "{\"effects\":[{\"id\":8,\"now\":{}}]}", 33);
    return finish(out, "null", 4);
  }
  if (strstr(self->call, "\"mode\":\"report\"")) {
    return finish(out, *told ? told : "null", *told ? strlen(told) : 4);
  }
  if (strstr(self->call, "\"mode\":\"reveal\"")) {
    static const char reveal[] = "{\"effects\":[{\"id\":1,\"secret.reveal\":{\"credential\":\"default\",\"field\":\"token\"}}]}";
    if (!self->resumes++) return say(out, JF_PENDING, reveal, sizeof reveal - 1);
    return finish(out, json, len - 8);
  }
  if (strstr(self->call, "\"mode\":\"busy\"")) {
    pthread_t thread;
    pthread_create(&thread, NULL, spin, NULL);
    return finish(out, "\"busy\"", 6);
  }
  if (strstr(self->call, "\"mode\":\"version\"")) {
    snprintf(buffer, sizeof buffer, "\"%s\"", VERSION);
    return finish(out, buffer, strlen(buffer));
  }
  if (said) return finish(out, said + 6, value(said + 6));
  return finish(out, self->call, strlen(self->call));
}

JF_EXPORT const jf_plugin_v1 *jackfield_plugin_entry_v1(const jf_host_v1 *host, const jf_out *out) {
  static const jf_plugin_v1 table = {sizeof table, JF_MINOR, describe, open_call, resume, close_call, NULL};
  (void)host, (void)out;
  return &table;
}
