// A plugin in C++ that throws where nothing may unwind (rule R3): in the constructor of a static, or out of resume.
extern "C" {
#define _Static_assert static_assert
#include "jackfield_plugin.h"
}

#include <cstring>
#include <stdexcept>

struct jf_instance {};

#ifdef CONSTRUCTOR_THROWS
static struct Global {
  Global() { throw std::runtime_error("in a constructor"); }
} global;
#endif

static const char MANIFEST[] = "{\"name\":\"" NAME "\",\"version\":\"1.0.0\",\"nodes\":[{\"type\":\"" NAME
                               "\",\"name\":\"Harm\",\"category\":\"test\",\"inputs\":[{\"name\":\"data-in\"}],"
                               "\"outputs\":[{\"name\":\"data-out\"}],\"configSchema\":{\"type\":\"object\"}}]}";

static jf_status describe(const void *, size_t, const jf_out *out) {
  uint32_t head[2] = {sizeof MANIFEST - 1, 0};
  return out->write(out->ctx, head, 8) || out->write(out->ctx, MANIFEST, sizeof MANIFEST - 1) ? JF_E_LIMIT : JF_DONE;
}

static jf_status open_call(const void *, size_t, jf_instance **instance) {
  *instance = new jf_instance;
  return JF_DONE;
}

static jf_status resume(jf_instance *, const void *, size_t, const jf_out *) { throw std::runtime_error("in resume"); }

static void close_call(jf_instance *instance) { delete instance; }

static const jf_plugin_v1 TABLE = {sizeof(jf_plugin_v1), JF_MINOR, describe, open_call, resume, close_call, nullptr};

extern "C" JF_EXPORT const jf_plugin_v1 *jackfield_plugin_entry_v1(const jf_host_v1 *, const jf_out *) { return &TABLE; }
