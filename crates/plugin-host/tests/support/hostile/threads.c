/* Threads, which a plugin may have, but not for this. */
#include "plugin.h"

#include <pthread.h>

static jf_out kept;
static volatile int forever = 1;

static void *write_later(void *ignored) {
  (void)ignored;
  usleep(20000);
  for (int i = 0; i < 100; i++) write_frame(&kept, "{\"result\":{\"port\":\"data-out\",\"output\":1}}", 42);
  return NULL;
}

static void *write_now(void *ignored) {
  (void)ignored;
  write_frame(&kept, "{\"result\":{\"port\":\"data-out\",\"output\":1}}", 42);
  return NULL;
}

static void *idle(void *ignored) {
  (void)ignored;
  sleep(1000000);
  return NULL;
}

static void *spin(void *ignored) {
  (void)ignored;
  while (forever) {
  }
  return NULL;
}

static jf_status run(jf_instance *self, const void *events, size_t len, const jf_out *out) {
  static pthread_t thread;
#if defined(WRITES_AFTER_RETURN)
  if (self->turn) {
    pthread_join(thread, NULL);
    return finish(out, "\"it worked\"");
  }
  kept = *out;
  pthread_create(&thread, NULL, write_later, NULL);
  return say(out, JF_PENDING, "{\"effects\":[{\"id\":1,\"sleep\":{\"ms\":1}}]}");
#elif defined(WRITES_FROM_A_THREAD)
  kept = *out;
  pthread_create(&thread, NULL, write_now, NULL);
  pthread_join(thread, NULL);
  return JF_DONE;
#elif defined(THREAD_BOMB)
  int error = 0;
  for (int i = 0; i < 100000 && !error; i++) error = pthread_create(&thread, NULL, idle, NULL);
  errno = error;
  return attempted(out, error ? -1 : 0);
#elif defined(SPINS_ON)
  pthread_create(&thread, NULL, spin, NULL);
  return finish(out, "\"it worked\"");
#endif
}
