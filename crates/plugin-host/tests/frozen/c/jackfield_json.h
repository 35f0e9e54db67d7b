/* jackfield_json.h - a small JSON reader and writer for plugins in C99. Optional: any JSON library does.
 *
 * Copy it into your plugin. The reader looks into the bytes that the host lent and copies nothing: a jj_value is a piece
 * of them, valid as long as they are. It accepts every JSON text and never reads outside of it, whatever the bytes are.
 * The writer appends to memory that grows; after a failed allocation it appends nothing more and `failed` is set.
 */
#ifndef JACKFIELD_JSON_H
#define JACKFIELD_JSON_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__GNUC__)
#  define JJ_FN __attribute__((unused)) static
#else
#  define JJ_FN static
#endif

/* ---- Reading ---------------------------------------------------------------------------------------------------- */

/* One JSON value as text. Absent values have len 0; every function takes them and returns "nothing". */
typedef struct jj_value {
  const char *text;
  size_t len;
} jj_value;

/* Takes a frame apart: the JSON object and the raw bytes. Returns 0 when the lengths are wrong. */
JJ_FN int jj_frame(const void *bytes, size_t len, jj_value *json, jj_value *bin) {
  const unsigned char *b = (const unsigned char *)bytes;
  json->text = "{}", json->len = 2;
  bin->text = "", bin->len = 0;
  if (len == 0) return 1;
  if (len < 8) return 0;
  {
    size_t j = (size_t)b[0] | (size_t)b[1] << 8 | (size_t)b[2] << 16 | (size_t)b[3] << 24;
    size_t r = (size_t)b[4] | (size_t)b[5] << 8 | (size_t)b[6] << 16 | (size_t)b[7] << 24;
    if (j > len - 8 || r != len - 8 - j) return 0;
    json->text = (const char *)b + 8, json->len = j;
    bin->text = (const char *)b + 8 + j, bin->len = r;
  }
  return 1;
}

JJ_FN size_t jj_blank_(const char *t, size_t at, size_t len) {
  while (at < len && (t[at] == ' ' || t[at] == '\t' || t[at] == '\n' || t[at] == '\r')) at++;
  return at;
}

/* How many bytes the UTF-8 character at t has; 0 when it is none. */
JJ_FN size_t jj_utf8_(const char *t, size_t len) {
  unsigned char c = (unsigned char)t[0];
  size_t n = c < 0x80 ? 1 : c >= 0xC2 && c < 0xE0 ? 2 : c >= 0xE0 && c < 0xF0 ? 3 : c >= 0xF0 && c < 0xF5 ? 4 : 0, i;
  if (n == 0 || n > len) return 0;
  for (i = 1; i < n; i++)
    if (((unsigned char)t[i] & 0xC0) != 0x80) return 0;
  if (n > 2) {
    unsigned char d = (unsigned char)t[1];
    if ((c == 0xE0 && d < 0xA0) || (c == 0xED && d > 0x9F) || (c == 0xF0 && d < 0x90) || (c == 0xF4 && d > 0x8F)) return 0;
  }
  return n;
}

/* Where the string that begins at `at` ends; `at` itself when there is none. */
JJ_FN size_t jj_string_end_(const char *t, size_t at, size_t len) {
  size_t start = at++, i;
  while (at < len && t[at] != '"') {
    if ((unsigned char)t[at] < 0x20) return start;
    if (t[at] != '\\') {
      size_t n = jj_utf8_(t + at, len - at);
      if (!n) return start;
      at += n;
      continue;
    }
    if (++at >= len || !t[at] || !strchr("\"\\/bfnrtu", t[at])) return start;
    if (t[at++] != 'u') continue;
    for (i = 0; i < 4; i++, at++)
      if (at >= len || !t[at] || !strchr("0123456789abcdefABCDEF", t[at])) return start;
  }
  return at < len ? at + 1 : start;
}

JJ_FN size_t jj_digits_(const char *t, size_t at, size_t len) {
  while (at < len && t[at] >= '0' && t[at] <= '9') at++;
  return at;
}

/* Where the number that begins at `at` ends; `at` itself when there is none. */
JJ_FN size_t jj_number_end_(const char *t, size_t at, size_t len) {
  size_t start = at, from;
  if (at < len && t[at] == '-') at++;
  from = at, at = jj_digits_(t, at, len);
  if (at == from || (t[from] == '0' && at - from > 1)) return start;
  if (at < len && t[at] == '.') {
    from = ++at, at = jj_digits_(t, at, len);
    if (at == from) return start;
  }
  if (at < len && (t[at] == 'e' || t[at] == 'E')) {
    at++;
    if (at < len && (t[at] == '+' || t[at] == '-')) at++;
    from = at, at = jj_digits_(t, at, len);
    if (at == from) return start;
  }
  return at;
}

/* Where the value that begins at `at` ends; `at` itself when there is none that is JSON by RFC 8259. Values nested deeper
 * than `depth` count as none. */
JJ_FN size_t jj_value_end_(const char *t, size_t at, size_t len, int depth) {
  static const char *const words[] = {"true", "false", "null"};
  size_t start = at, end, i;
  char close;
  if (at >= len) return start;
  if (t[at] == '"') return jj_string_end_(t, at, len);
  for (i = 0; i < 3; i++)
    if (len - at >= strlen(words[i]) && !memcmp(t + at, words[i], strlen(words[i]))) return at + strlen(words[i]);
  if (t[at] != '{' && t[at] != '[') return jj_number_end_(t, at, len);
  if (depth == 0) return start;
  close = t[at] == '{' ? '}' : ']';
  at = jj_blank_(t, at + 1, len);
  if (at < len && t[at] == close) return at + 1;
  for (;;) {
    if (close == '}') {
      if (at >= len || t[at] != '"' || (end = jj_string_end_(t, at, len)) == at) return start;
      at = jj_blank_(t, end, len);
      if (at >= len || t[at] != ':') return start;
      at = jj_blank_(t, at + 1, len);
    }
    if ((end = jj_value_end_(t, at, len, depth - 1)) == at) return start;
    at = jj_blank_(t, end, len);
    if (at < len && t[at] == close) return at + 1;
    if (at >= len || t[at] != ',') return start;
    at = jj_blank_(t, at + 1, len);
  }
}

JJ_FN size_t jj_end_(const char *t, size_t at, size_t len) { return jj_value_end_(t, at, len, 128); }

/* Goes through an object or array: begin with *at = 0; each call returns 1 and sets *value, for an object also *key (a
 * JSON string), until there are no more. */
JJ_FN int jj_next(jj_value whole, size_t *at, jj_value *key, jj_value *value) {
  const char *t = whole.text;
  size_t i = *at, end;
  if (whole.len < 2 || (t[0] != '{' && t[0] != '[')) return 0;
  if (i == 0) i = 1;
  i = jj_blank_(t, i, whole.len);
  if (i < whole.len && t[i] == ',') i = jj_blank_(t, i + 1, whole.len);
  if (t[0] == '{') {
    end = i < whole.len && t[i] == '"' ? jj_end_(t, i, whole.len) : i;
    if (end == i) return 0;
    key->text = t + i, key->len = end - i;
    i = jj_blank_(t, end, whole.len);
    if (i >= whole.len || t[i] != ':') return 0;
    i = jj_blank_(t, i + 1, whole.len);
  }
  end = jj_end_(t, i, whole.len);
  if (end == i) return 0;
  value->text = t + i, value->len = end - i;
  *at = end;
  return 1;
}

/* The member of an object with this name (which needs no escapes); absent when there is none. */
JJ_FN jj_value jj_get(jj_value object, const char *name) {
  jj_value key = {"", 0}, value = {"", 0}, none = {"", 0};
  size_t at = 0, len = strlen(name);
  if (!object.len || object.text[0] != '{') return none;
  while (jj_next(object, &at, &key, &value))
    if (key.len == len + 2 && !memcmp(key.text + 1, name, len)) return value;
  return none;
}

JJ_FN int jj_is_string(jj_value v) { return v.len >= 2 && v.text[0] == '"'; }

/* Whether it is this string, which needs no escapes. */
JJ_FN int jj_is(jj_value v, const char *text) {
  return jj_is_string(v) && v.len == strlen(text) + 2 && !memcmp(v.text + 1, text, v.len - 2);
}

/* A number without sign, fraction or exponent; `otherwise` for everything else. */
JJ_FN uint64_t jj_number(jj_value v, uint64_t otherwise) {
  uint64_t n = 0;
  size_t i;
  for (i = 0; i < v.len; i++) {
    unsigned digit = (unsigned)(v.text[i] - '0');
    if (digit > 9 || n > (UINT64_MAX - digit) / 10) return otherwise;
    n = n * 10 + digit;
  }
  return v.len ? n : otherwise;
}

/* The raw bytes that an attachment, {"$bin":[offset,len]}, points to. Returns 0 when it is none or points outside. */
JJ_FN int jj_attached(jj_value v, jj_value bin, jj_value *bytes) {
  jj_value range = jj_get(v, "$bin"), key, offset = {"", 0}, len = {"", 0};
  size_t at = 0;
  if (!jj_next(range, &at, &key, &offset) || !jj_next(range, &at, &key, &len)) return 0;
  {
    uint64_t o = jj_number(offset, UINT64_MAX), n = jj_number(len, UINT64_MAX);
    if (o > bin.len || n > bin.len - o) return 0;
    bytes->text = bin.text + o, bytes->len = (size_t)n;
  }
  return 1;
}

JJ_FN unsigned jj_hex4_(const char *t) {
  unsigned n = 0;
  int i;
  for (i = 0; i < 4; i++) {
    unsigned c = (unsigned char)t[i], low = c | 32;
    if (c >= '0' && c <= '9') n = n << 4 | (c - '0');
    else if (low >= 'a' && low <= 'f') n = n << 4 | (low - 'a' + 10);
    else return 0x10000;
  }
  return n;
}

/* A string without its quotes and escapes, as a new NUL-terminated UTF-8 text that the caller frees; NULL when it is no
 * string, contains \u0000, or memory ran out. */
JJ_FN char *jj_text(jj_value v) {
  size_t i, o = 0;
  char *out;
  if (!jj_is_string(v) || !(out = (char *)malloc(v.len))) return NULL;
  for (i = 1; i + 1 < v.len; i++) {
    char c = v.text[i];
    if (c != '\\') {
      out[o++] = c;
      continue;
    }
    c = v.text[++i];
    if (c == 'u') {
      unsigned u = i + 5 < v.len ? jj_hex4_(v.text + i + 1) : 0x10000;
      i += 4;
      if (u >= 0xD800 && u < 0xDC00 && i + 7 < v.len && v.text[i + 1] == '\\' && v.text[i + 2] == 'u') {
        unsigned low = jj_hex4_(v.text + i + 3);
        if (low >= 0xDC00 && low < 0xE000) u = 0x10000 + ((u - 0xD800) << 10 | (low - 0xDC00)), i += 6;
        else u = 0xFFFD;
      } else if (u == 0 || u == 0x10000) {
        free(out);
        return NULL;
      } else if (u >= 0xD800 && u < 0xE000) {
        u = 0xFFFD;
      }
      if (u < 0x80) {
        out[o++] = (char)u;
      } else if (u < 0x800) {
        out[o++] = (char)(0xC0 | u >> 6), out[o++] = (char)(0x80 | (u & 63));
      } else if (u < 0x10000) {
        out[o++] = (char)(0xE0 | u >> 12), out[o++] = (char)(0x80 | (u >> 6 & 63)), out[o++] = (char)(0x80 | (u & 63));
      } else {
        out[o++] = (char)(0xF0 | u >> 18), out[o++] = (char)(0x80 | (u >> 12 & 63));
        out[o++] = (char)(0x80 | (u >> 6 & 63)), out[o++] = (char)(0x80 | (u & 63));
      }
    } else {
      const char *from = "nrtbf", *to = "\n\r\t\b\f", *hit = strchr(from, c);
      out[o++] = hit && c ? to[hit - from] : c;
    }
  }
  out[o] = 0;
  return out;
}

/* ---- Writing ---------------------------------------------------------------------------------------------------- */

/* Bytes that grow. Begin with all zero; free `bytes` at the end. */
typedef struct jj_buffer {
  char *bytes;
  size_t len, room;
  int failed;
} jj_buffer;

/* Appends bytes as they are. */
JJ_FN void jj_put(jj_buffer *b, const void *bytes, size_t len) {
  if (b->failed || len == 0) return;
  if (len > b->room - b->len) {
    size_t room = b->room + len + b->room / 2 + 64;
    char *grown = room > len ? (char *)realloc(b->bytes, room) : NULL;
    if (!grown) {
      b->failed = 1;
      return;
    }
    b->bytes = grown, b->room = room;
  }
  memcpy(b->bytes + b->len, bytes, len);
  b->len += len;
}

/* Appends text as it is, such as `{"effects":[`. */
JJ_FN void jj_raw(jj_buffer *b, const char *text) { jj_put(b, text, strlen(text)); }

/* Appends a value that was read, as it was. */
JJ_FN void jj_value_as_it_is(jj_buffer *b, jj_value v) {
  if (v.len) jj_put(b, v.text, v.len);
  else jj_raw(b, "null");
}

/* Appends a number. */
JJ_FN void jj_integer(jj_buffer *b, uint64_t n) {
  char digits[21];
  size_t i = sizeof digits;
  do digits[--i] = (char)('0' + n % 10);
  while (n /= 10);
  jj_put(b, digits + i, sizeof digits - i);
}

/* Appends UTF-8 text as a JSON string. Bytes that are not UTF-8 become U+FFFD. */
JJ_FN void jj_string(jj_buffer *b, const char *text, size_t len) {
  size_t i, n, from = 0;
  jj_raw(b, "\"");
  for (i = 0; i < len; i += n ? n : 1) {
    unsigned char c = (unsigned char)text[i];
    n = jj_utf8_(text + i, len - i);
    if (n && c >= 0x20 && c != '"' && c != '\\') continue;
    jj_put(b, text + from, i - from);
    from = i + 1;
    if (!n) {
      jj_raw(b, "\xEF\xBF\xBD");
    } else if (c < 0x20) {
      char escape[8];
      snprintf(escape, sizeof escape, "\\u%04x", c);
      jj_raw(b, escape);
    } else {
      char escape[2] = {'\\', (char)c};
      jj_put(b, escape, 2);
    }
  }
  jj_put(b, text + from, len - from);
  jj_raw(b, "\"");
}

/* Appends an attachment: the bytes go to `bin`, what points to them to `b`. */
JJ_FN void jj_attach(jj_buffer *b, jj_buffer *bin, const void *bytes, size_t len) {
  jj_raw(b, "{\"$bin\":[");
  jj_integer(b, bin->len);
  jj_raw(b, ",");
  jj_integer(b, len);
  jj_raw(b, "]}");
  jj_put(bin, bytes, len);
}

#endif /* JACKFIELD_JSON_H */
