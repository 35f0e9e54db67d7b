/* Manifests that are none. */
#define OWN_RUN
#define OWN_DESCRIBE
#include "jackfield_plugin.h"
static jf_status describe(const void *query, size_t len, const jf_out *out);
#include "plugin.h"

static volatile int forever = 1;

#define PORTS "\"name\":\"Harm\",\"category\":\"test\",\"inputs\":[],\"outputs\":[{\"name\":\"data-out\"}],\"configSchema\":{}"

static jf_status describe(const void *query, size_t len, const jf_out *out) {
  (void)query, (void)len;
#if defined(DESCRIBE_CRASHES)
  return *(volatile int *)8;
#elif defined(DESCRIBE_LOOPS)
  while (forever) {
  }
  return JF_DONE;
#elif defined(DESCRIBE_FLOODS)
  while (!out->write(out->ctx, MANIFEST, sizeof MANIFEST)) {
  }
  return JF_E_LIMIT;
#elif defined(DESCRIBE_PANICS)
  return JF_E_PANIC;
#elif defined(DESCRIBE_WAITS)
  return say(out, JF_PENDING, MANIFEST);
#elif defined(MANIFEST_BAD_LENGTH)
  return out->write(out->ctx, "\xff\xff\xff\x00\0\0\0\0{}", 10), JF_DONE;
#elif defined(MANIFEST_BAD_UTF8)
  return out->write(out->ctx, "\2\0\0\0\0\0\0\0\xff\xff", 10), JF_DONE;
#elif defined(MANIFEST_NO_JSON)
  return say(out, JF_DONE, "name: harm");
#elif defined(MANIFEST_DEEP)
  static char json[400000] = "{\"name\":\"" NAME "\",\"version\":\"1\",\"nodes\":[{\"type\":\"x\"," PORTS ",\"x\":";
  memset(json + strlen(json), '[', 300000);
  return say(out, JF_DONE, json);
#elif defined(MANIFEST_DEEP_SCHEMA)
  static char json[400000] =
      "{\"name\":\"" NAME "\",\"version\":\"1\",\"nodes\":[{\"type\":\"x\",\"name\":\"Harm\",\"category\":\"test\","
      "\"inputs\":[],\"outputs\":[{\"name\":\"data-out\"}],\"configSchema\":{\"not\":";
  memset(json + strlen(json), '[', 300000);
  return say(out, JF_DONE, json);
#elif defined(MANIFEST_HUGE_NUMBER)
  return say(out, JF_DONE,
             "{\"name\":\"" NAME "\",\"version\":\"1\",\"nodes\":[{\"type\":\"" NAME "\",\"name\":\"Harm\","
             "\"category\":\"test\",\"inputs\":[],\"outputs\":[{\"name\":\"data-out\"}],\"configSchema\":{\"maximum\":1e999}}]}");
#elif defined(MANIFEST_GIANT)
  size_t room = 8 << 20, at = 0;
  char *json = malloc(room);
  at += sprintf(json, "{\"name\":\"" NAME "\",\"version\":\"1\",\"nodes\":[");
  for (int i = 0; at < room - 512; i++)
    at += sprintf(json + at, "%s{\"type\":\"" NAME "-%d\"," PORTS "}", i ? "," : "", i);
  sprintf(json + at, "]}");
  return say(out, JF_DONE, json);
#elif defined(MANIFEST_TWICE)
  return say(out, JF_DONE, "{\"name\":\"" NAME "\",\"version\":\"1\",\"nodes\":[" NODE(NAME) "," NODE(NAME) "]}");
#elif defined(MANIFEST_ANY_NAME)
  return say(out, JF_DONE, "{\"name\":\"../../etc\",\"version\":\"1\"}");
#elif defined(MANIFEST_UNKNOWN_FEATURE)
  return say(out, JF_DONE, "{\"name\":\"" NAME "\",\"version\":\"1\",\"requires\":[\"teleport/1\"]}");
#else
  return say(out, JF_DONE, MANIFEST);
#endif
}
