#!/usr/bin/env bash
# Installs an S3 server for the tests that need a real one: the Versity S3 Gateway (Apache-2.0), as a
# Go module, with the Go toolchain that is there. It is built in a folder of its own and renamed when
# it is complete, so that several clones may do this at once.
set -eu
version=v1.8.0
home=${CRESCENDO_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/crescendo}
target=$home/s3-server/$version
if [ -x "$target/versitygw" ]; then
  echo "the S3 server is installed already: $target/versitygw"
  exit 0
fi
if ! command -v go >/dev/null; then
  echo "go is missing: install Go 1.25 or newer" >&2
  exit 1
fi
mkdir -p "$home/s3-server"
building=$(mktemp -d "$home/s3-server/.building-XXXXXX")
trap 'rm -rf "$building"' EXIT
GOBIN=$building GOFLAGS=-mod=mod go install "github.com/versity/versitygw/cmd/versitygw@$version"
mv -T "$building" "$target" 2>/dev/null || [ -x "$target/versitygw" ]
echo "the S3 server is installed: $target/versitygw"
