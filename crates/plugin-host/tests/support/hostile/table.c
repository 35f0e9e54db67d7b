/* Function tables that are none. */
#define OWN_RUN
#define OWN_ENTRY
#include "plugin.h"

static const jf_plugin_v1 TABLE = {
#if defined(SHORT_TABLE)
    24,
#elif defined(HUGE_TABLE)
    0xffffffff,
#else
    sizeof(jf_plugin_v1),
#endif
    JF_MINOR,
#ifdef NULL_DESCRIBE
    NULL,
#else
    describe,
#endif
#ifdef NULL_OPEN
    NULL,
#else
    open_call,
#endif
#ifdef NULL_RESUME
    NULL,
#else
    resume,
#endif
#ifdef NULL_CLOSE
    NULL,
#else
    close_call,
#endif
    NULL};

#ifndef NO_SYMBOL
JF_EXPORT const jf_plugin_v1 *jackfield_plugin_entry_v1(const jf_host_v1 *host, const jf_out *out) {
  (void)host;
#if defined(NULL_TABLE)
  return NULL;
#elif defined(MISALIGNED_TABLE)
  return (const jf_plugin_v1 *)((const char *)&TABLE + 1);
#elif defined(DANGLING_TABLE)
  return (const jf_plugin_v1 *)4096;
#elif defined(REFUSES_HOST)
  out->write(out->ctx, "this host is too old", 20);
  return NULL;
#elif defined(RAMBLING_REFUSAL)
  while (!out->write(out->ctx, "this host is too old, ", 22)) {
  }
  return NULL;
#endif
  return &TABLE;
}
#endif
