/* Puts jackfield_json.h to work; prints what it finds. With a number as argument: damages texts at random, that often. */
#include "jackfield_json.h"

static const char TEXT[] =
    "{\"a\" : [1, {\"x\":\"]}\\\"\"},\t[]],\"b\":\"\\ud83d\\ude00\\u00e9\\n\\/\",\"c\":18446744073709551615,\"d\":-1,"
    "\"nothing\":null,\"lone\":\"\\ud800x\",\"e\":{\"$bin\":[2,3]},\"z\":\"\\u0000\",\"\":true}";

static void show(const char *name, jj_value v) { printf("%s=%.*s\n", name, (int)v.len, v.text); }

static void show_text(const char *name, jj_value v) {
  char *text = jj_text(v);
  printf("%s is %s\n", name, text ? text : "no text");
  free(text);
}

static void read_all(jj_value v, int depth) {
  jj_value key = {"", 0}, value, bytes, bin = {"raw bytes", 9};
  size_t at = 0;
  char *text = jj_text(v);
  free(text);
  (void)jj_number(v, 0);
  if (jj_attached(v, bin, &bytes) && (bytes.text < bin.text || bytes.text + bytes.len > bin.text + bin.len)) abort();
  while (depth < 50 && jj_next(v, &at, &key, &value)) read_all(value, depth + 1);
  (void)jj_get(v, "b");
}

static void damage(unsigned long times) {
  unsigned state = 1;
  while (times--) {
    size_t len = sizeof TEXT - 1, changes = 1 + times % 5, cut;
    char *text = (char *)malloc(len + 8);
    jj_value json, bin;
    memcpy(text + 8, TEXT, len);
    while (changes--) {
      state = state * 1103515245u + 12345u;
      text[8 + (state >> 8) % len] = "\"\\{}[],:u\0\xff"[state >> 4 & 7];
    }
    cut = 1 + (state >> 16) % len;
    text = (char *)realloc(text, cut + 8);
    json.text = text + 8, json.len = cut;
    read_all(json, 0);
    memset(text, 0, 8);
    text[0] = (char)(state >> 5), text[4] = (char)(state >> 9);
    if (jj_frame(text, cut + 8, &json, &bin)) read_all(json, 0);
    free(text);
  }
}

int main(int argc, char **argv) {
  jj_value v = {TEXT, sizeof TEXT - 1}, key, value, bytes, bin = {"raw bytes", 9};
  jj_buffer b = {NULL, 0, 0, 0}, raw = {NULL, 0, 0, 0};
  size_t at = 0;
  if (argc > 1) {
    damage(strtoul(argv[1], NULL, 10));
    return 0;
  }
  while (jj_next(jj_get(v, "a"), &at, &key, &value)) show("item", value);
  show("c", jj_get(v, "c"));
  printf("%d %d\n", jj_number(jj_get(v, "c"), 0) == UINT64_MAX, (int)jj_number(jj_get(v, "d"), 7));
  show("absent", jj_get(v, "f"));
  show_text("b", jj_get(v, "b"));
  show_text("lone", jj_get(v, "lone"));
  show_text("z", jj_get(v, "z"));
  if (jj_attached(jj_get(v, "e"), bin, &bytes)) show("e", bytes);
  jj_string(&b, "a\xff\"\\\n\xe2\x82\xac\xed\xa0\x80z", 12);
  jj_attach(&b, &raw, "12", 2);
  jj_attach(&b, &raw, "345", 3);
  jj_integer(&b, UINT64_MAX);
  jj_value_as_it_is(&b, jj_get(v, "f"));
  printf("%.*s + %.*s\n", (int)b.len, b.bytes, (int)raw.len, raw.bytes);
  free(b.bytes);
  free(raw.bytes);
  return 0;
}
