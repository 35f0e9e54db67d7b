/* A plugin of ABI 1.0 in C99: what a stranger may have written who had nothing but jackfield_plugin.h. It is compiled once
 * and loaded by every later host; see README.md.
 *
 * Node frozen-c-relay: fetches from one place while it posts to another and sleeps, then tells what came of it.
 *
 *     config {"from": URL, "to": URL, "text": string, "sleepMs": number = 0}
 *     data-out {"from": {"status", "text"}, "to": {"status", "text"}, "frames": [what the host wrote]}
 *     error {"request", "status", "text"} when one was answered with a status from 400 on, worth a retry from 500 on
 *
 * Node frozen-c-ask: asks for the effects of its config, {"effects": [..]}, and returns what the host wrote.
 */
#include "jackfield_json.h"
#include "jackfield_plugin.h"

#define RELAY "frozen-c-relay"
#define ASK "frozen-c-ask"

static const char MANIFEST[] =
    "{\"name\":\"frozen-c\",\"version\":\"1.0.0\",\"description\":\"A plugin of ABI 1.0 that is never compiled again.\","
    "\"requires\":[\"effects/1\"],\"hosts\":[\"api.frozen.example\"],\"license\":\"MIT OR Apache-2.0\","
    "\"nodes\":[{\"type\":\"" RELAY "\",\"name\":\"Relay\",\"description\":\"Fetches here and posts there at the same "
    "time.\",\"category\":\"integration\",\"icon\":\"snowflake\",\"provider\":\"frozen-c\",\"providerRequired\":false,"
    "\"inputs\":[{\"name\":\"data-in\",\"description\":\"Not looked at.\"}],"
    "\"outputs\":[{\"name\":\"data-out\",\"description\":\"Both answers.\"},"
    "{\"name\":\"error\",\"description\":\"The answer that was none.\"}],"
    "\"configSchema\":{\"type\":\"object\",\"required\":[\"from\",\"to\",\"text\"],\"properties\":{"
    "\"from\":{\"type\":\"string\",\"title\":\"Fetch from\"},\"to\":{\"type\":\"string\",\"title\":\"Post to\"},"
    "\"text\":{\"type\":\"string\",\"title\":\"What to post\"},"
    "\"sleepMs\":{\"type\":\"integer\",\"minimum\":0,\"default\":0,\"title\":\"Sleep (ms)\"}}}},"
    "{\"type\":\"" ASK "\",\"name\":\"Ask\",\"category\":\"test\",\"inputs\":[{\"name\":\"data-in\"}],"
    "\"outputs\":[{\"name\":\"data-out\"}],\"configSchema\":{\"type\":\"object\"}}],"
    "\"providers\":[{\"name\":\"frozen-c\",\"title\":\"Frozen\",\"hosts\":[\"api.frozen.example\"],\"schemes\":[{"
    "\"scheme\":\"token\",\"title\":\"Token\",\"schema\":{\"type\":\"object\",\"required\":[\"token\"],\"properties\":{"
    "\"token\":{\"type\":\"string\",\"writeOnly\":true}}},"
    "\"injection\":[{\"kind\":\"header\",\"name\":\"Authorization\",\"value\":\"Bearer {token}\"}]}]}]}";

enum { FROM = 1, TO = 2, NAP = 3 };
enum stage { BEGIN, WAIT, OVER };

struct jf_instance {
  enum stage stage;
  jj_buffer call;          /* a copy of the frame that open was given */
  jj_value json, config;   /* pieces of it */
  int is_relay, is_ask;
  uint64_t outstanding;    /* how many effects are not answered */
  uint64_t status[3];      /* of FROM and TO */
  jj_buffer text[3];       /* of FROM and TO, a JSON string */
  jj_buffer frames;        /* what the host wrote, JSON objects separated by commas */
  jj_buffer failure;       /* the `err` of an effect */
};

/* ---- Frames ----------------------------------------------------------------------------------------------------- */

/* Writes a frame and frees its parts. */
static jf_status say(const jf_out *out, jf_status status, jj_buffer *json, jj_buffer *bin) {
  unsigned char head[8];
  int i, failed = json->failed || bin->failed, refused;
  for (i = 0; i < 4; i++) {
    head[i] = (unsigned char)(json->len >> 8 * i);
    head[i + 4] = (unsigned char)(bin->len >> 8 * i);
  }
  refused = !failed && (out->write(out->ctx, head, 8) || out->write(out->ctx, json->bytes, json->len) ||
                        out->write(out->ctx, bin->bytes, bin->len));
  free(json->bytes);
  free(bin->bytes);
  return failed ? JF_E_NOMEM : refused ? JF_E_LIMIT : status;
}

static jf_status say_json(const jf_out *out, jf_status status, jj_buffer *json) {
  jj_buffer bin = {NULL, 0, 0, 0};
  return say(out, status, json, &bin);
}

static jf_status fail(jf_instance *self, const jf_out *out, const char *code, const char *message) {
  jj_buffer json = {NULL, 0, 0, 0};
  self->stage = OVER;
  jj_raw(&json, "{\"error\":{\"code\":\"");
  jj_raw(&json, code);
  jj_raw(&json, "\",\"message\":");
  jj_string(&json, message, strlen(message));
  jj_raw(&json, "}}");
  return say_json(out, JF_DONE, &json);
}

/* ---- The relay -------------------------------------------------------------------------------------------------- */

static void request(jj_buffer *json, jj_buffer *bin, uint64_t id, jj_value url, const char *text, int credential) {
  jj_raw(json, "{\"id\":");
  jj_integer(json, id);
  jj_raw(json, ",\"http.request\":{\"method\":");
  jj_raw(json, text ? "\"POST\"" : "\"GET\"");
  jj_raw(json, ",\"url\":");
  jj_value_as_it_is(json, url);
  if (credential) jj_raw(json, ",\"credential\":\"default\"");
  if (text) {
    jj_raw(json, ",\"headers\":[[\"content-type\",\"text/plain\"]],\"body\":");
    jj_attach(json, bin, text, strlen(text));
  }
  jj_raw(json, "}}");
}

static jf_status begin_relay(jf_instance *self, const jf_out *out) {
  jj_buffer json = {NULL, 0, 0, 0}, bin = {NULL, 0, 0, 0};
  jj_value from = jj_get(self->config, "from"), to = jj_get(self->config, "to");
  jj_value slots = jj_get(self->json, "credentials"), key, slot;
  size_t at = 0;
  int credential = jj_next(slots, &at, &key, &slot);
  char *text;
  if (!jj_is_string(from)) return fail(self, out, "INVALID_CONFIG", "from in the config is missing; give it a URL.");
  if (!jj_is_string(to)) return fail(self, out, "INVALID_CONFIG", "to in the config is missing; give it a URL.");
  text = jj_text(jj_get(self->config, "text"));
  if (!text) return fail(self, out, "INVALID_CONFIG", "text in the config is missing; give it a string.");
  jj_raw(&json, "{\"effects\":[{\"log\":{\"level\":\"info\",\"message\":\"relaying\",\"fields\":{\"to\":");
  jj_value_as_it_is(&json, to);
  jj_raw(&json, "}}},");
  request(&json, &bin, FROM, from, NULL, credential);
  jj_raw(&json, ",");
  request(&json, &bin, TO, to, text, 0);
  jj_raw(&json, ",{\"id\":3,\"sleep\":{\"ms\":");
  jj_integer(&json, jj_number(jj_get(self->config, "sleepMs"), 0));
  jj_raw(&json, "}},{\"progress\":{\"fraction\":0.5,\"message\":\"waiting\"}}]}");
  free(text);
  self->outstanding = 3;
  return say(out, JF_PENDING, &json, &bin);
}

static void put_answer(jf_instance *self, jj_buffer *json, int id) {
  jj_raw(json, "{\"status\":");
  jj_integer(json, self->status[id]);
  jj_raw(json, ",\"text\":");
  jj_put(json, self->text[id].bytes, self->text[id].len);
  jj_raw(json, "}");
}

static jf_status end_relay(jf_instance *self, const jf_out *out) {
  jj_buffer json = {NULL, 0, 0, 0};
  int bad = self->status[FROM] >= 400 ? FROM : self->status[TO] >= 400 ? TO : 0;
  jj_raw(&json, "{\"effects\":[{\"log\":{\"level\":\"info\",\"message\":\"relayed\"}}],\"result\":{");
  if (bad) {
    jj_raw(&json, "\"port\":\"error\",\"output\":{\"request\":");
    jj_raw(&json, bad == FROM ? "\"from\"" : "\"to\"");
    jj_raw(&json, ",\"answer\":");
    put_answer(self, &json, bad);
    jj_raw(&json, self->status[bad] >= 500 ? "},\"retry\":{\"afterMs\":1000}}}" : "}}}");
  } else {
    jj_raw(&json, "\"port\":\"data-out\",\"output\":{\"from\":");
    put_answer(self, &json, FROM);
    jj_raw(&json, ",\"to\":");
    put_answer(self, &json, TO);
    jj_raw(&json, ",\"frames\":[");
    jj_put(&json, self->frames.bytes, self->frames.len);
    jj_raw(&json, "]}}}");
  }
  return say_json(out, JF_DONE, &json);
}

/* ---- Asking ----------------------------------------------------------------------------------------------------- */

static jf_status begin_ask(jf_instance *self, const jf_out *out) {
  jj_buffer json = {NULL, 0, 0, 0}, bin = {NULL, 0, 0, 0};
  jj_value effects = jj_get(self->config, "effects"), key, effect;
  size_t at = 0;
  while (jj_next(effects, &at, &key, &effect)) self->outstanding += jj_get(effect, "id").len > 0;
  if (!self->outstanding) return fail(self, out, "INVALID_CONFIG", "effects in the config has none with an id.");
  jj_raw(&json, "{\"effects\":");
  jj_value_as_it_is(&json, effects);
  jj_raw(&json, "}");
  jj_raw(&bin, "signed"); /* effects of the config may point to these bytes */
  return say(out, JF_PENDING, &json, &bin);
}

static jf_status end_ask(jf_instance *self, const jf_out *out) {
  jj_buffer json = {NULL, 0, 0, 0};
  jj_raw(&json, "{\"result\":{\"output\":["); /* without a port: data-out */
  jj_put(&json, self->frames.bytes, self->frames.len);
  jj_raw(&json, "]}}");
  return say_json(out, JF_DONE, &json);
}

/* ---- Events ----------------------------------------------------------------------------------------------------- */

/* Keeps what an event says. Returns 0 when it is malformed. */
static int take(jf_instance *self, jj_value event, jj_value bin) {
  uint64_t id = jj_number(jj_get(event, "id"), 0);
  jj_value ok = jj_get(event, "ok"), err = jj_get(event, "err"), body = {"", 0};
  if (!id || !(ok.len || err.len)) return 1; /* of a later minor */
  if (self->outstanding) self->outstanding--;
  if (err.len && self->is_relay && !self->failure.len) jj_put(&self->failure, err.text, err.len);
  if (!ok.len || !self->is_relay || (id != FROM && id != TO)) return 1;
  self->status[id] = jj_number(jj_get(ok, "status"), 0);
  if (jj_get(ok, "body").len && !jj_attached(jj_get(ok, "body"), bin, &body)) return 0;
  jj_string(&self->text[id], body.text, body.len);
  return 1;
}

static jf_status deliver(jf_instance *self, const void *events, size_t len, int *cancelled) {
  jj_value json, bin, list, event, key;
  size_t at = 0;
  if (!jj_frame(events, len, &json, &bin)) return JF_E_MALFORMED;
  list = jj_get(json, "events");
  while (jj_next(list, &at, &key, &event)) {
    if (jj_get(event, "cancel").len) *cancelled = 1;
    if (!take(self, event, bin)) return JF_E_MALFORMED;
  }
  if (self->frames.len) jj_raw(&self->frames, ",");
  jj_put(&self->frames, json.text, json.len);
  return self->frames.failed ? JF_E_NOMEM : JF_DONE;
}

/* ---- The five functions ----------------------------------------------------------------------------------------- */

static jf_status JF_CALL describe(const void *query, size_t len, const jf_out *out) {
  jj_buffer json = {NULL, 0, 0, 0};
  (void)query, (void)len;
  jj_raw(&json, MANIFEST);
  return say_json(out, JF_DONE, &json);
}

static void JF_CALL close_call(jf_instance *self) {
  int i;
  free(self->call.bytes);
  for (i = FROM; i <= TO; i++) free(self->text[i].bytes);
  free(self->frames.bytes);
  free(self->failure.bytes);
  free(self);
}

static jf_status JF_CALL open_call(const void *call, size_t len, jf_instance **instance) {
  jf_instance *self = (jf_instance *)calloc(1, sizeof *self);
  jj_value bin, node;
  if (!self) return JF_E_NOMEM;
  jj_put(&self->call, call, len);
  if (self->call.failed || !jj_frame(self->call.bytes, self->call.len, &self->json, &bin)) {
    jf_status status = self->call.failed ? JF_E_NOMEM : JF_E_MALFORMED;
    close_call(self);
    return status;
  }
  node = jj_get(self->json, "node");
  self->config = jj_get(self->json, "config");
  if (jj_is(jj_get(self->json, "op"), "node.execute")) {
    self->is_relay = jj_is(node, RELAY);
    self->is_ask = jj_is(node, ASK);
  }
  jj_put(&self->frames, self->json.text, self->json.len);
  *instance = self;
  return JF_DONE;
}

static jf_status JF_CALL resume(jf_instance *self, const void *events, size_t len, const jf_out *out) {
  int cancelled = 0;
  if (self->stage == OVER) return JF_E_MALFORMED;
  if (self->stage == WAIT) {
    jf_status status = deliver(self, events, len, &cancelled);
    if (status != JF_DONE) return status;
  }
  if (cancelled) return fail(self, out, "CANCELLED", "The relay was cancelled.");
  if (!self->is_relay && !self->is_ask)
    return fail(self, out, "UNSUPPORTED", "The plugin frozen-c has no such operation or node.");
  if (self->stage == BEGIN) {
    self->stage = WAIT;
    return self->is_relay ? begin_relay(self, out) : begin_ask(self, out);
  }
  if (self->failure.len) { /* the host's own words, handed on */
    jj_buffer json = {NULL, 0, 0, 0};
    self->stage = OVER;
    jj_raw(&json, "{\"error\":");
    jj_put(&json, self->failure.bytes, self->failure.len);
    jj_raw(&json, "}");
    return say_json(out, JF_DONE, &json);
  }
  if (self->outstanding) {
    jj_buffer json = {NULL, 0, 0, 0};
    jj_raw(&json, "{}");
    return say_json(out, JF_PENDING, &json);
  }
  self->stage = OVER;
  return self->is_relay ? end_relay(self, out) : end_ask(self, out);
}

static const void *JF_CALL extension(const char *id) {
  (void)id;
  return NULL;
}

static const jf_plugin_v1 TABLE = {sizeof(jf_plugin_v1), JF_MINOR, describe, open_call, resume, close_call, extension};

JF_EXPORT const jf_plugin_v1 *JF_CALL jackfield_plugin_entry_v1(const jf_host_v1 *host, const jf_out *out) {
  static const char REASON[] = "The plugin frozen-c requires effects/1, which this host does not have.";
  jj_value info = {host->info_json, strlen(host->info_json)}, features, feature, key;
  size_t at = 0;
  features = jj_get(info, "features");
  while (jj_next(features, &at, &key, &feature))
    if (jj_is(feature, "effects/1")) return &TABLE;
  out->write(out->ctx, REASON, sizeof REASON - 1);
  return NULL;
}
