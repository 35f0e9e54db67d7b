/* Too much of everything. */
#include "plugin.h"

static jf_status run(jf_instance *self, const void *events, size_t len, const jf_out *out) {
  static char page[1 << 16];
#if defined(ENDLESS_OUTPUT)
  while (!out->write(out->ctx, page, sizeof page)) {
  }
  return JF_E_LIMIT;
#elif defined(IGNORES_REFUSAL)
  for (int i = 0; i < 2000; i++) out->write(out->ctx, page, sizeof page);
  return JF_DONE;
#elif defined(ENDLESS_PIECE)
  return out->write(out->ctx, page, (size_t)-1) ? JF_E_LIMIT : JF_DONE;
#elif defined(OUTPUT_OF_NOBODY)
  return out->write(out->ctx, NULL, 8) ? JF_E_LIMIT : JF_DONE;
#elif defined(ENDLESS_TURNS)
  char json[64];
  snprintf(json, sizeof json, "{\"effects\":[{\"id\":%d,\"now\":{}}]}", self->turn + 1);
  return say(out, JF_PENDING, json);
#elif defined(MANY_EFFECTS)
  if (self->turn) return answered(events, len, out);
  char *json = malloc(1 << 20);
  size_t at = sprintf(json, "{\"effects\":[");
  for (int i = 1; i <= 5000; i++) at += sprintf(json + at, "%s{\"id\":%d,\"sleep\":{\"ms\":1}}", i > 1 ? "," : "", i);
  sprintf(json + at, "]}");
  return say(out, JF_PENDING, json);
#elif defined(MANY_LINES)
  char *json = malloc(8 << 20);
  size_t at = sprintf(json, "{\"effects\":[");
  for (int i = 0; i < 100000; i++)
    at += sprintf(json + at, "%s{\"log\":{\"level\":\"info\",\"message\":\"line %d\"}}", i ? "," : "", i);
  sprintf(json + at, "],\"result\":{\"port\":\"data-out\",\"output\":\"it worked\"}}");
  return say(out, JF_DONE, json);
#elif defined(JUNK_ON_STDOUT)
  for (int i = 0; i < 5000; i++) {
    printf("a line for nobody, with \x1b[31mcolours\x1b[0m and \xff bytes\n");
    fprintf(stderr, "another\n");
  }
  fflush(stdout);
  return fail(out, "PRINTED", "It printed ten thousand lines.");
#endif
}
