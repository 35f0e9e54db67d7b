/* Frames that are none, and JSON that nobody can keep. */
#include "plugin.h"

static jf_status raw(const jf_out *out, const void *bytes, size_t len) {
  return out->write(out->ctx, bytes, len) ? JF_E_LIMIT : JF_DONE;
}

/* An output of `depth` nested arrays. */
static jf_status nested(const jf_out *out, const char *before, size_t depth, const char *after) {
  char *json = calloc(1, strlen(before) + 2 * depth + strlen(after) + 1);
  strcpy(json, before);
  char *at = json + strlen(json);
  memset(at, '[', depth);
  memset(at + depth, ']', depth);
  strcpy(at + 2 * depth, after);
  return say(out, JF_DONE, json);
}

static jf_status run(jf_instance *self, const void *events, size_t len, const jf_out *out) {
#if defined(BAD_JSON_LENGTH)
  return raw(out, "\xff\xff\xff\x7f\0\0\0\0{}", 10);
#elif defined(BAD_BIN_LENGTH)
  return raw(out, "\2\0\0\0\xff\xff\xff\xff{}", 10);
#elif defined(SHORT_FRAME)
  return raw(out, "\2\0\0", 3);
#elif defined(TRAILING_BYTES)
  return raw(out, "\2\0\0\0\0\0\0\0{}junk", 14);
#elif defined(BAD_UTF8)
  return raw(out, "\2\0\0\0\0\0\0\0\xff\xff", 10);
#elif defined(NO_JSON)
  return say(out, JF_DONE, "<result/>");
#elif defined(NO_OBJECT)
  return say(out, JF_DONE, "[]");
#elif defined(EMPTY_FRAME)
  return JF_DONE;
#elif defined(DEEP_JSON)
  return nested(out, "{\"x\":", 1000000, "}");
#elif defined(DEEP_OUTPUT)
  return nested(out, "{\"result\":{\"port\":\"data-out\",\"output\":", 1000000, "}}");
#elif defined(DEEP_ERROR)
  return nested(out, "{\"error\":{\"code\":\"MINE\",\"message\":\"Deep.\",\"data\":", 1000000, "}}");
#elif defined(HUGE_NUMBER)
  return finish(out, "{\"n\":1e999}");
#elif defined(LONE_SURROGATE)
  return finish(out, "{\"text\":\"\\ud800\"}");
#elif defined(NUL_IN_OUTPUT)
  return finish(out, "{\"text\":\"a\\u0000b\",\"\\u0000\":1}");
#elif defined(BIN_OUTSIDE)
  if (self->turn) return answered(events, len, out);
  return say(out, JF_PENDING,
             "{\"effects\":[{\"id\":1,\"http.request\":{\"method\":\"POST\",\"url\":\"https://api.harm.example/\","
             "\"body\":{\"$bin\":[4294967295,4294967295]}}}]}");
#endif
}
