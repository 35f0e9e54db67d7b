#!/bin/sh
# Builds the files in dist/ from page.jsx and page.css with the packages that package-lock.json pins.
set -eu
cd "$(dirname "$0")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp package.json package-lock.json page.jsx page.css build.mjs "$scratch"
(cd "$scratch" && npm ci --no-audit --no-fund && node build.mjs)
rm -rf dist
mkdir dist
cp "$scratch"/dist/page.js.gz "$scratch"/dist/page.css.gz "$scratch"/dist/LICENSES.txt dist/
