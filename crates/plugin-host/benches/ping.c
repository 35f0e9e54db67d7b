/* The plugin of the benchmark: asks for `rounds` pieces of a blob, one after another. */
#include "jackfield_plugin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct jf_instance {
  long round, rounds, len;
};

static jf_status say(const jf_out *out, jf_status status, const char *json, size_t len) {
  unsigned char head[8] = {len, len >> 8, len >> 16, len >> 24, 0, 0, 0, 0};
  return out->write(out->ctx, head, 8) || out->write(out->ctx, json, len) ? JF_E_LIMIT : status;
}

static jf_status describe(const void *query, size_t len, const jf_out *out) {
  static const char manifest[] =
      "{\"name\":\"ping\",\"version\":\"1.0.0\",\"nodes\":[{\"type\":\"ping\",\"name\":\"Ping\",\"category\":\"test\","
      "\"inputs\":[],\"outputs\":[{\"name\":\"data-out\"}],\"configSchema\":{}}]}";
  (void)query, (void)len;
  return say(out, JF_DONE, manifest, sizeof manifest - 1);
}

static long number(const char *json, const char *name) {
  const char *found = strstr(json, name);
  return found ? atol(found + strlen(name)) : 0;
}

static jf_status open_call(const void *call, size_t len, jf_instance **instance) {
  char *json = calloc(1, len - 7);
  memcpy(json, (const char *)call + 8, len - 8);
  jf_instance *self = calloc(1, sizeof *self);
  self->rounds = number(json, "\"rounds\":");
  self->len = number(json, "\"len\":");
  free(json);
  *instance = self;
  return JF_DONE;
}

static jf_status resume(jf_instance *self, const void *events, size_t len, const jf_out *out) {
  char json[256];
  (void)events, (void)len;
  if (self->round++ == self->rounds) {
    static const char done[] = "{\"result\":{\"port\":\"data-out\",\"output\":null}}";
    return say(out, JF_DONE, done, sizeof done - 1);
  }
  int written = snprintf(json, sizeof json, "{\"effects\":[{\"id\":%ld,\"blob.read\":{\"id\":\"blob_1\",\"len\":%ld}}]}",
                         self->round, self->len);
  return say(out, JF_PENDING, json, written);
}

static void close_call(jf_instance *self) { free(self); }

JF_EXPORT const jf_plugin_v1 *jackfield_plugin_entry_v1(const jf_host_v1 *host, const jf_out *out) {
  static const jf_plugin_v1 table = {sizeof table, JF_MINOR, describe, open_call, resume, close_call, NULL};
  (void)host, (void)out;
  return &table;
}
