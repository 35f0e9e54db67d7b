/* What goes wrong before the first call: in a constructor, or in the entry. */
#define OWN_RUN
#define OWN_ENTRY
#include "plugin.h"

#include <sys/socket.h>

static volatile int forever = 1;

__attribute__((constructor)) static void constructed(void) {
#if defined(CONSTRUCTOR_ABORTS)
  abort();
#elif defined(CONSTRUCTOR_EXITS)
  _exit(0);
#elif defined(CONSTRUCTOR_LOOPS)
  while (forever) {
  }
#elif defined(CONSTRUCTOR_SPEAKS)
  for (int fd = 3; fd < 32; fd++)
    if (is_socket(fd) && write(fd, "I am no hello, and longer than what begins one.", 47) < 0) continue;
#elif defined(CONSTRUCTOR_HALF_HELLO)
  for (int fd = 3; fd < 32; fd++)
    if (is_socket(fd) && write(fd, "\x40\0\0\0\0\0\0\x80\0\0\0\0", 12) < 0) continue;
  sleep(1000000);
#elif defined(CONSTRUCTOR_CLOSES)
  for (int fd = 0; fd < 32; fd++) close(fd);
  sleep(1000000);
#elif defined(CONSTRUCTOR_LEAKS)
  for (char *volatile block; (block = malloc(1 << 20));) *block = 1;
  abort();
#endif
}

static const jf_plugin_v1 TABLE = {sizeof(jf_plugin_v1), JF_MINOR, describe, open_call, resume, close_call, NULL};

JF_EXPORT const jf_plugin_v1 *jackfield_plugin_entry_v1(const jf_host_v1 *host, const jf_out *out) {
  (void)host, (void)out;
#ifdef ENTRY_CRASHES
  return *(const jf_plugin_v1 *volatile *)8;
#endif
  return &TABLE;
}
