/* Effects that are not allowed, and ends that are none. */
#include "plugin.h"

#define ASK(effects) say(out, JF_PENDING, "{\"effects\":[" effects "]}")

static jf_status run(jf_instance *self, const void *events, size_t len, const jf_out *out) {
  char json[512];
  if (self->turn) return answered(events, len, out);
#if defined(DUPLICATE_ID)
  return ASK("{\"id\":1,\"now\":{}},{\"id\":1,\"now\":{}}");
#elif defined(ZERO_ID)
  return ASK("{\"id\":0,\"now\":{}}");
#elif defined(NO_ID)
  return ASK("{\"now\":{}}");
#elif defined(ID_TOO_LARGE)
  return ASK("{\"id\":18446744073709551616,\"now\":{}}");
#elif defined(NEGATIVE_ID)
  return ASK("{\"id\":-1,\"now\":{}}");
#elif defined(UNKNOWN_EFFECT)
  return ASK("{\"id\":1,\"shell.run\":{\"command\":\"id\"}}");
#elif defined(TWO_EFFECTS_IN_ONE)
  return ASK("{\"id\":1,\"now\":{},\"sleep\":{\"ms\":1}}");
#elif defined(PENDING_FOR_NOTHING)
  return say(out, JF_PENDING, "{}");
#elif defined(PENDING_FOR_A_LOG)
  return ASK("{\"log\":{\"level\":\"info\",\"message\":\"waiting\"}}");
#elif defined(EFFECTS_AFTER_DONE)
  return say(out, JF_DONE, "{\"effects\":[{\"id\":1,\"now\":{}}],\"result\":{\"port\":\"data-out\",\"output\":1}}");
#elif defined(RESULT_AND_ERROR)
  return say(out, JF_DONE,
             "{\"result\":{\"port\":\"data-out\",\"output\":1},\"error\":{\"code\":\"MINE\",\"message\":\"Both.\"}}");
#elif defined(RESULT_TOO_EARLY)
  return say(out, JF_PENDING, "{\"result\":{\"port\":\"data-out\",\"output\":1}}");
#elif defined(NO_RESULT)
  return say(out, JF_DONE, "{}");
#elif defined(UNKNOWN_PORT)
  return say(out, JF_DONE, "{\"result\":{\"port\":\"nowhere\",\"output\":1}}");
#elif defined(UNKNOWN_STATUS)
  return 42;
#elif defined(LOWEST_STATUS)
  return -2147483647 - 1;
#elif defined(RETURNS_PANIC)
  return JF_E_PANIC;
#elif defined(RANDOM_TOO_MUCH)
  return ASK("{\"id\":1,\"random\":{\"len\":4294967295}}");
#elif defined(BLOB_OF_ANOTHER)
  return ASK("{\"id\":1,\"blob.read\":{\"id\":\"../../owner.key\",\"len\":18446744073709551615}}");
#elif defined(BAD_HEADER)
  return ASK("{\"id\":1,\"http.request\":{\"method\":\"GET\",\"url\":\"https://api.harm.example/\","
             "\"headers\":[[\"x-a\",\"1\\r\\nhost: evil.example\"]]}}");
#elif defined(BAD_METHOD)
  return ASK("{\"id\":1,\"http.request\":{\"method\":\"GET / HTTP/1.1\\r\\n\",\"url\":\"https://api.harm.example/\"}}");
#elif defined(FILE_URL)
  return ASK("{\"id\":1,\"http.request\":{\"method\":\"GET\",\"url\":\"file:///etc/passwd\"}}");
#elif defined(CREDENTIAL_OF_ANOTHER)
  return ASK("{\"id\":1,\"http.request\":{\"method\":\"GET\",\"url\":\"https://api.harm.example/\","
             "\"credential\":\"another\"}}");
#elif defined(SECRET_OF_ANOTHER)
  return ASK("{\"id\":1,\"hmac.verify\":{\"algorithm\":\"sha256\",\"credential\":\"another\",\"field\":\"token\","
             "\"message\":{\"$bin\":[0,0]},\"signature\":\"00\",\"encoding\":\"hex\"}}");
#elif defined(CREDENTIAL_ELSEWHERE)
  snprintf(json, sizeof json,
           "{\"effects\":[{\"id\":1,\"http.request\":{\"method\":\"GET\",\"url\":\"%s\",\"credential\":\"default\"}}]}",
           text(self, "url"));
  return say(out, JF_PENDING, json);
#elif defined(HOST_NOT_GRANTED) || defined(REDIRECT_TO_NOT_GRANTED) || defined(PRIVATE_ADDRESS)
  snprintf(json, sizeof json, "{\"effects\":[{\"id\":1,\"http.request\":{\"method\":\"GET\",\"url\":\"%s\"}}]}",
           text(self, "url"));
  return say(out, JF_PENDING, json);
#endif
}
