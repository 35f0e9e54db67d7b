/* Ends of the process, and calls that never end. */
#include <stddef.h>
#include "jackfield_plugin.h"
#if defined(CLOSE_CRASHES) || defined(CLOSE_LOOPS)
#define OWN_CLOSE
static void close_call(jf_instance *self);
#endif
#if defined(OPEN_CRASHES) || defined(OPEN_LOOPS) || defined(OPEN_REFUSES) || defined(OPEN_GIVES_NOTHING)
#define OWN_OPEN
static jf_status open_call(const void *call, size_t len, jf_instance **instance);
#endif
#include "plugin.h"

#include <signal.h>
#include <sys/mman.h>

static volatile int forever = 1;
static volatile int nothing = 0;

static int deep(int n) {
  volatile char page[4096];
  page[0] = n;
  return deep(n + 1) + page[0];
}

#ifdef OWN_CLOSE
static void close_call(jf_instance *self) {
#ifdef CLOSE_CRASHES
  abort();
#endif
  while (forever) {
  }
}
#endif

#ifdef OWN_OPEN
static jf_status open_call(const void *call, size_t len, jf_instance **instance) {
#if defined(OPEN_CRASHES)
  return *(volatile int *)8;
#elif defined(OPEN_REFUSES)
  return JF_E_MALFORMED;
#elif defined(OPEN_GIVES_NOTHING)
  return JF_DONE;
#endif
  while (forever) {
  }
  return JF_DONE;
}
#endif

static jf_status run(jf_instance *self, const void *events, size_t len, const jf_out *out) {
#if defined(SEGFAULT)
  return *(volatile int *)8;
#elif defined(ABORTS)
  abort();
#elif defined(EXITS)
  exit(3);
#elif defined(EXITS_QUIETLY)
  _exit(0);
#elif defined(STACK_OVERFLOW)
  return deep(0);
#elif defined(DIVIDES_BY_ZERO)
  return 1000 / nothing;
#elif defined(ENDLESS_LOOP)
  while (forever) {
  }
#elif defined(SLEEPS)
  sleep(1000000);
#elif defined(LEAK)
  for (char *volatile block; (block = malloc(1 << 20));) *block = 1;
  return JF_E_NOMEM;
#elif defined(LEAK_AND_CRASH)
  for (;;) *(volatile char *)malloc(1 << 20) = 1;
#elif defined(SHARED_LEAK)
  for (void *block; (block = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) != MAP_FAILED;)
    memset(block, 1, 1 << 20);
  return JF_E_NOMEM;
#elif defined(KILLS_ITSELF)
  raise(SIGKILL);
#elif defined(STOPS_ITSELF)
  raise(SIGSTOP);
#elif defined(HANDLES_SIGNALS)
  for (int number = 1; number < 65; number++) signal(number, SIG_IGN);
  while (forever) {
  }
#elif defined(HANDLES_ITS_CRASH)
  signal(SIGSEGV, (void (*)(int))pause);
  return *(volatile int *)8;
#endif
  return finish(out, "\"it worked\"");
}
