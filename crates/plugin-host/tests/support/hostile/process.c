/* What a plugin has no business with: processes, files, sockets, descriptors. */
#include "plugin.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

static jf_status run(jf_instance *self, const void *events, size_t len, const jf_out *out) {
  char *const arguments[] = {"/bin/sh", "-c", "true", NULL}, *const nothing[] = {NULL};
  char byte;
#if defined(FORKS)
  pid_t child = fork();
  if (child == 0) _exit(0);
  return attempted(out, child);
#elif defined(EXECUTES)
  return attempted(out, execve(arguments[0], arguments, nothing));
#elif defined(TRACES_HOST)
  return attempted(out, ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
#elif defined(KILLS_HOST)
  return attempted(out, kill(getppid(), 0));
#elif defined(KILLS_ALL)
  return attempted(out, kill(-1, 0));
#elif defined(READS_HOST)
  struct iovec {
    void *base;
    size_t len;
  } local = {&byte, 1}, remote = {(void *)4096, 1};
  return attempted(out, syscall(SYS_process_vm_readv, getppid(), &local, 1, &remote, 1, 0));
#elif defined(RAISES_LIMITS)
  struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
  return attempted(out, setrlimit(RLIMIT_DATA, &limit));
#elif defined(BECOMES_ROOT)
  return attempted(out, setuid(0));
#elif defined(OPENS_FILES)
  return attempted(out, open("/etc/passwd", O_RDONLY));
#elif defined(WRITES_FILES)
  return attempted(out, open("/tmp/harm", O_CREAT | O_WRONLY, 0600));
#elif defined(OPENS_DEVICE)
  return attempted(out, open("/dev/urandom", O_RDONLY));
#elif defined(TCP_SOCKET)
  return attempted(out, socket(AF_INET, SOCK_STREAM, 0));
#elif defined(UDP_SOCKET)
  return attempted(out, socket(AF_INET, SOCK_DGRAM, 0));
#elif defined(UNIX_SOCKET)
  return attempted(out, socket(AF_UNIX, SOCK_STREAM, 0));
#elif defined(IO_URING)
  return attempted(out, syscall(SYS_io_uring_setup, 1, arguments));
#elif defined(CHANGES_DIRECTORY)
  return attempted(out, chdir("/"));
#elif defined(CLOSES_DESCRIPTORS)
  for (int fd = 0; fd < 64; fd++) close(fd);
  return finish(out, "\"it worked\"");
#elif defined(JUNK_ON_PROTOCOL)
  for (int fd = 3; fd < 32; fd++)
    if (is_socket(fd) && write(fd, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 16) < 0) continue;
  return finish(out, "\"it worked\"");
#elif defined(HALF_A_FRAME)
  for (int fd = 3; fd < 32; fd++)
    if (is_socket(fd) && write(fd, "\x40\0\0\0\0\0\0\0", 8) < 0) continue;
  sleep(1000000);
#elif defined(ANSWERS_FOR_OTHERS)
  for (unsigned char call = 0; call < 64; call++)
    for (int fd = 3; fd < 32; fd++) {
      unsigned char head[16] = {0, 0, 0, 0, 0, 0, 0, 0, call};
      if (is_socket(fd) && write(fd, head, 16) < 0) continue;
    }
  return finish(out, "\"it worked\"");
#elif defined(READS_PROTOCOL)
  for (int fd = 3; fd < 32; fd++)
    while (is_socket(fd) && read(fd, &byte, 1) > 0) {
    }
  return finish(out, "\"it worked\"");
#endif
}
