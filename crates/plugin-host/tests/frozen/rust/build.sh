#!/bin/sh
# How libfrozen_rust.so was made: with rustc 1.95.0 for x86_64-unknown-linux-gnu, from the files of this folder alone
# (sdk.tar.gz holds the sources of the SDK) and the crates that Cargo.lock names. It is not run again; see ../README.md.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r Cargo.toml Cargo.lock src "$work"
tar -xzf sdk.tar.gz -C "$work"
cd "$work"
cargo=${CARGO_HOME:-$HOME/.cargo}
RUSTFLAGS="--remap-path-prefix=$work=/frozen --remap-path-prefix=$cargo=/cargo" \
  CARGO_TARGET_DIR="$work/target" cargo +1.95.0 build --release --locked --target x86_64-unknown-linux-gnu
cd - >/dev/null
cp "$work/target/x86_64-unknown-linux-gnu/release/libfrozen_rust.so" .
