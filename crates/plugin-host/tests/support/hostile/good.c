/* The one that does no harm: it is called after the others, to see that nothing of the server is broken. */
#include "plugin.h"

static jf_status run(jf_instance *self, const void *events, size_t len, const jf_out *out) {
  if (!self->turn) return say(out, JF_PENDING, "{\"effects\":[{\"id\":1,\"now\":{}}]}");
  return finish(out, "\"good\"");
}
