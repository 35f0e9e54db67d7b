/* A plugin in plain C that does what the config of its node says, good or bad. Macros make it one that cannot be loaded.
 *
 *   {"mode": "ask", "effects": [..]}  asks for these effects, waits for all answers, and returns them
 *   {"mode": "probe"}                 tries what a sandbox forbids, and returns each errno
 *   {"mode": "count"}                 returns how many calls were opened and closed
 *   anything else                     see `misbehave`
 *
 * The raw bytes of each frame that it writes are "hello". */
#define _GNU_SOURCE
#include "jackfield_plugin.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const char MANIFEST[] =
    "{\"name\":\"puppet\",\"version\":\"1.0.0\","
#ifdef CAPABLE
    "\"capabilities\":[\"secret.reveal\"],\"hosts\":[\"127.0.0.1\"],"
#endif
    "\"nodes\":[{\"type\":\"puppet\",\"name\":\"Puppet\",\"category\":\"test\","
    "\"inputs\":[{\"name\":\"data-in\"}],\"outputs\":[{\"name\":\"data-out\"}],\"configSchema\":{\"type\":\"object\"}}],"
    "\"providers\":[{\"name\":\"acme\",\"title\":\"Acme\",\"hosts\":[\"api.acme.example\"],\"schemes\":[]},"
    "{\"name\":\"anyone\",\"title\":\"Anyone\",\"hosts\":[\"*\"],\"schemes\":[]}]}";

static int opened, closed, at_load;

struct jf_instance {
  char *call;
  char *answers;
  size_t bin;
  int resumes;
};

static int32_t write_frame(const jf_out *out, const char *json, size_t len) {
  unsigned char head[8] = {len, len >> 8, len >> 16, len >> 24, 5, 0, 0, 0};
  return out->write(out->ctx, head, 8) || out->write(out->ctx, json, len) || out->write(out->ctx, "hello", 5);
}

static jf_status say(const jf_out *out, jf_status status, const char *json) {
  return write_frame(out, json, strlen(json)) ? JF_E_LIMIT : status;
}

static jf_status finish(const jf_out *out, const char *output) {
  size_t room = strlen(output) + 64;
  char *json = malloc(room);
  snprintf(json, room, "{\"result\":{\"port\":\"data-out\",\"output\":%s}}", output);
  jf_status status = say(out, JF_DONE, json);
  free(json);
  return status;
}

static jf_status describe(const void *query, size_t len, const jf_out *out) {
  (void)query, (void)len;
#ifdef BAD_MANIFEST
  return say(out, JF_DONE, "{\"name\":\"Puppet!\",\"version\":\"1\"}");
#endif
  return say(out, JF_DONE, MANIFEST);
}

static jf_status open_call(const void *call, size_t len, jf_instance **instance) {
  if (memmem(call, len, "\"mode\":\"refuse\"", 15)) return JF_E_MALFORMED;
  jf_instance *self = calloc(1, sizeof *self);
  self->call = calloc(1, len - 7);
  memcpy(self->call, (const char *)call + 8, len - 8);
  self->answers = strdup("");
  __sync_fetch_and_add(&opened, 1);
  *instance = self;
  return JF_DONE;
}

static void close_call(jf_instance *self) {
  __sync_fetch_and_add(&closed, 1);
  free(self->call);
  free(self->answers);
  free(self);
}

static int times(const char *text, const char *what) {
  int found = 0;
  for (; (text = strstr(text, what)); text += strlen(what)) found++;
  return found;
}

/* The effects of the config, as they stand there. */
static char *effects(const char *call) {
  const char *start = strstr(call, "\"effects\":"), *at = start ? start + 10 : NULL;
  int depth = 0;
  while (at && *at) {
    if (*at == '[') depth++;
    if (*at == ']' && !--depth) return strndup(start, at + 1 - start);
    at++;
  }
  return strdup("\"effects\":[]");
}

static jf_status ask(jf_instance *self, const char *events, size_t len, const jf_out *out) {
  char *wanted = effects(self->call);
  char *json;
  jf_status status;
  if (!self->resumes++) {
    if (asprintf(&json, "{%s}", wanted) < 0) return JF_E_NOMEM;
    status = say(out, JF_PENDING, json);
  } else {
    const unsigned char *head = (const unsigned char *)events;
    size_t json_len = head[0] | head[1] << 8 | head[2] << 16 | (size_t)head[3] << 24;
    self->bin += len - 8 - json_len;
    char *before = self->answers;
    if (asprintf(&self->answers, "%s%s%.*s", before, *before ? "," : "", (int)json_len, events + 8) < 0) return JF_E_NOMEM;
    free(before);
    if (times(self->answers, "{\"id\":") < times(wanted, "{\"id\":") - times(wanted, "{\"id\":\"")) {
      free(wanted);
      return say(out, JF_PENDING, "{}");
    }
    if (asprintf(&json, "{\"turns\":[%s],\"bytes\":%zu}", self->answers, self->bin) < 0) return JF_E_NOMEM;
    status = finish(out, json);
  }
  free(json);
  free(wanted);
  return status;
}

extern char **environ;

static int failed(long result) { return result < 0 ? errno : 0; }

static jf_status probe(const jf_out *out) {
  char json[512];
  int files = 0, variables = 0;
  for (int fd = 0; fd < 64; fd++) files += fcntl(fd, F_GETFD) >= 0;
  while (environ[variables]) variables++;
  int child = fork();
  if (child == 0) _exit(0);
  int forked = failed(child);
  /* Its end is a signal, which stops a process that asked to be traced, as this one does below. */
  if (child > 0) waitpid(child, NULL, 0);
  char *const arguments[] = {"/bin/true", NULL};
  snprintf(json, sizeof json,
           "{\"atLoad\":%d,\"open\":%d,\"create\":%d,\"tcp\":%d,\"udp\":%d,\"unix\":%d,\"fork\":%d,\"exec\":%d,\"kill\":%d,"
           "\"ptrace\":%d,\"files\":%d,\"variables\":%d}",
           at_load, failed(open("/etc/passwd", O_RDONLY)), failed(open("/tmp/puppet", O_CREAT | O_WRONLY, 0600)),
           failed(socket(AF_INET, SOCK_STREAM, 0)), failed(socket(AF_INET, SOCK_DGRAM, 0)),
           failed(socket(AF_UNIX, SOCK_STREAM, 0)), forked, failed(execve(arguments[0], arguments, environ)),
           failed(kill(getppid(), 0)), failed(syscall(101, 0, 0, 0, 0)), files, variables);
  return finish(out, json);
}

static volatile int forever = 1;

static int deep(int n) {
  volatile char page[4096];
  page[0] = n;
  return deep(n + 1) + page[0];
}

static jf_status misbehave(const char *mode, const jf_out *out) {
  if (!strcmp(mode, "segfault")) return *(volatile int *)8;
  if (!strcmp(mode, "abort")) abort();
  if (!strcmp(mode, "exit")) exit(3);
  if (!strcmp(mode, "overflow")) return deep(0);
  if (!strcmp(mode, "loop"))
    while (forever) {
    }
  if (!strcmp(mode, "flood"))
    while (!out->write(out->ctx, MANIFEST, sizeof MANIFEST)) {
    }
  if (!strcmp(mode, "flood")) return JF_E_LIMIT;
  if (!strcmp(mode, "deaf")) {
    for (int i = 0; i < 2000000; i++) out->write(out->ctx, MANIFEST, sizeof MANIFEST);
    return JF_DONE;
  }
  if (!strcmp(mode, "leak")) {
    char *block;
    while ((block = malloc(1 << 20))) memset(block, 1, 1 << 20);
    return JF_E_NOMEM;
  }
  if (!strcmp(mode, "wait")) return say(out, JF_PENDING, "{}");
  if (!strcmp(mode, "panic")) return JF_E_PANIC;
  if (!strcmp(mode, "status")) return 42;
  if (!strcmp(mode, "silent")) return JF_DONE;
  if (!strcmp(mode, "junk")) return out->write(out->ctx, "junk", 4), JF_DONE;
  if (!strcmp(mode, "utf8")) return out->write(out->ctx, "\2\0\0\0\0\0\0\0\xff\xff", 10), JF_DONE;
  if (!strcmp(mode, "twice"))
    return say(out, JF_PENDING, "{\"effects\":[{\"id\":1,\"now\":{}},{\"id\":1,\"now\":{}}]}");
  if (!strcmp(mode, "port")) return say(out, JF_DONE, "{\"result\":{\"port\":\"nowhere\",\"output\":1}}");
  if (!strcmp(mode, "early")) return say(out, JF_PENDING, "{\"result\":{\"port\":\"data-out\",\"output\":1}}");
  if (!strcmp(mode, "print")) {
    printf("a line for nobody\n");
    fflush(stdout);
    fprintf(stderr, "another\n");
    return finish(out, "\"printed\"");
  }
  if (!strcmp(mode, "descriptors")) {
    for (int fd = 3; fd < 32; fd++)
      if (write(fd, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 16) < 0) continue;
    return finish(out, "\"wrote\"");
  }
  return say(out, JF_DONE, "{\"error\":{\"code\":\"INVALID_CONFIG\",\"message\":\"No such mode.\"}}");
}

/* Three requests, each asked for once the one before is answered. */
static jf_status chain(jf_instance *self, const jf_out *out) {
  char url[128] = "", json[512];
  const char *found = strstr(self->call, "\"url\":\"");
  if (found) sscanf(found + 7, "%127[^\"]", url);
  if (++self->resumes > 3) return finish(out, "\"done\"");
  snprintf(json, sizeof json,
           "{\"effects\":[{\"id\":%d,\"http.request\":{\"method\":\"POST\",\"url\":\"%s/%d\",\"idempotencyKey\":\"step-1\"}}]}",
           (int)self->resumes, url, (int)self->resumes);
  return say(out, JF_PENDING, json);
}

static jf_status resume(jf_instance *self, const void *events, size_t len, const jf_out *out) {
  char mode[32] = "", counts[64];
  const char *found = strstr(self->call, "\"mode\":\"");
  if (found) sscanf(found + 8, "%31[^\"]", mode);
  if (!strcmp(mode, "ask")) return ask(self, events, len, out);
  if (!strcmp(mode, "chain")) return chain(self, out);
  if (!strcmp(mode, "probe")) return probe(out);
  if (!strcmp(mode, "count")) {
    snprintf(counts, sizeof counts, "{\"opened\":%d,\"closed\":%d}", opened, closed);
    return finish(out, counts);
  }
  return misbehave(mode, out);
}

static const jf_plugin_v1 TABLE = {
#ifdef SHORT_TABLE
    24,
#else
    sizeof(jf_plugin_v1),
#endif
    JF_MINOR, describe, open_call,
#ifdef NO_RESUME
    NULL,
#else
    resume,
#endif
    close_call, NULL};

__attribute__((constructor)) static void loaded(void) {
#ifdef CRASH_AT_LOAD
  abort();
#endif
  int fd = open("/etc/passwd", O_RDONLY);
  at_load = failed(fd);
  if (fd >= 0) close(fd);
}

#ifdef LATER_MINOR
/* What a header of a later minor may look like: the same functions, and more behind them. */
static const struct {
  jf_plugin_v1 first;
  void (*sixth)(void);
} LATER = {{sizeof LATER, JF_MINOR + 7, describe, open_call, resume, close_call, NULL}, abort};
#define TABLE LATER.first
#endif

#ifndef NO_SYMBOL
JF_EXPORT const jf_plugin_v1 *jackfield_plugin_entry_v1(const jf_host_v1 *host, const jf_out *out) {
  (void)host;
#ifdef REFUSE
  out->write(out->ctx, "this host is too old", 20);
  return NULL;
#endif
#ifdef NULL_TABLE
  return NULL;
#endif
  (void)out;
  return &TABLE;
}
#endif
