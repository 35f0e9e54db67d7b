#!/bin/sh
# How frozen-c.so was made, from nothing but the files of this folder. It is not run again; see ../README.md.
set -eu
cd "$(dirname "$0")"
${CC:-gcc} -std=c99 -Os -fPIC -fvisibility=hidden -shared -Wall -Wextra -Wpedantic -Werror \
  -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--build-id=none -s \
  -o frozen-c.so frozen.c
