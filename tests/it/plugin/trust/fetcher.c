/* A plugin whose node `fetcher` requests the URL in its config and returns what the host answered, or fails with the
 * host's error. VERSION and HOSTS, a list of JSON strings, come from the compiler's command line. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jackfield_plugin.h"

static const char MANIFEST[] =
    "{\"name\":\"fetcher\",\"version\":\"" VERSION "\",\"description\":\"Fetches a page.\",\"hosts\":[" HOSTS "],"
    "\"license\":\"MIT\",\"icon\":\"<svg xmlns='http://www.w3.org/2000/svg'/>\",\"nodes\":[{\"type\":\"fetcher\",\"name\":\"Fetch\","
    "\"category\":\"integration\",\"inputs\":[{\"name\":\"data-in\"}],\"outputs\":[{\"name\":\"data-out\"},{\"name\":\"error\"}],"
    "\"configSchema\":{\"type\":\"object\",\"required\":[\"url\"],\"properties\":{\"url\":{\"type\":\"string\"}}}}]}";

struct jf_instance {
  char url[1024];
  int resumed;
};

static jf_status say(const jf_out *out, jf_status status, const char *json) {
  uint32_t head[2] = {(uint32_t)strlen(json), 0};
  if (out->write(out->ctx, head, sizeof head) || out->write(out->ctx, json, head[0])) return JF_E_LIMIT;
  return status;
}

static jf_status describe(const void *query, size_t len, const jf_out *out) {
  (void)query, (void)len;
  return say(out, JF_DONE, MANIFEST);
}

static jf_status start(const void *call, size_t len, jf_instance **instance) {
  struct jf_instance *self = calloc(1, sizeof *self);
  char *text = calloc(1, len + 1), *url;
  memcpy(text, (const char *)call + 8, len - 8);
  url = strstr(text, "\"url\":\"");
  if (url) sscanf(url + 7, "%1000[^\"]", self->url);
  free(text);
  *instance = self;
  return JF_DONE;
}

static jf_status resume(jf_instance *self, const void *events, size_t len, const jf_out *out) {
  char json[2048], *text, *error;
  jf_status status;
  if (!self->resumed++) {
    snprintf(json, sizeof json, "{\"effects\":[{\"id\":1,\"http.request\":{\"method\":\"GET\",\"url\":\"%s\"}}]}", self->url);
    return say(out, JF_PENDING, json);
  }
  text = calloc(1, len + 1);
  memcpy(text, (const char *)events + 8, len - 8);
  error = strstr(text, "\"err\":{");
  if (error) {
    /* {"events":[{"id":1,"err":{..}}]} */
    *strrchr(text, ']') = 0;
    *strrchr(text, '}') = 0;
    snprintf(json, sizeof json, "{\"error\":%s}", error + 6);
    status = say(out, JF_DONE, json);
  } else {
    status = say(out, JF_DONE, "{\"result\":{\"port\":\"data-out\",\"output\":{\"version\":\"" VERSION "\"}}}");
  }
  free(text);
  return status;
}

static void finish(jf_instance *self) { free(self); }

static const jf_plugin_v1 PLUGIN = {sizeof(jf_plugin_v1), 0, describe, start, resume, finish, NULL};

const jf_plugin_v1 *jackfield_plugin_entry_v1(const jf_host_v1 *host, const jf_out *reason);
const jf_plugin_v1 *jackfield_plugin_entry_v1(const jf_host_v1 *host, const jf_out *reason) {
  (void)host, (void)reason;
  return &PLUGIN;
}
