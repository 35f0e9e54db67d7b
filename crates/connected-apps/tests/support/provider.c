/* A plugin that brings the provider of http.json and no nodes. */
#include "jackfield_plugin.h"

#include <string.h>

#include "manifest.h"

static jf_status describe(const void *query, size_t len, const jf_out *out) {
  (void)query, (void)len;
  size_t size = strlen(MANIFEST);
  unsigned char head[8] = {size, size >> 8, size >> 16, size >> 24, 0, 0, 0, 0};
  return out->write(out->ctx, head, 8) || out->write(out->ctx, MANIFEST, size) ? JF_E_LIMIT : JF_DONE;
}

static jf_status open_call(const void *call, size_t len, jf_instance **instance) {
  (void)call, (void)len, (void)instance;
  return JF_E_MALFORMED;
}

static jf_status resume(jf_instance *instance, const void *events, size_t len, const jf_out *out) {
  (void)instance, (void)events, (void)len, (void)out;
  return JF_E_MALFORMED;
}

static void close_call(jf_instance *instance) { (void)instance; }

static const jf_plugin_v1 TABLE = {sizeof(jf_plugin_v1), JF_MINOR, describe, open_call, resume, close_call, NULL};

JF_EXPORT const jf_plugin_v1 *jackfield_plugin_entry_v1(const jf_host_v1 *host, const jf_out *out) {
  (void)host, (void)out;
  return &TABLE;
}
