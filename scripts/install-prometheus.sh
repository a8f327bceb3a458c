#!/usr/bin/env bash
# Installs Prometheus and promtool on Debian or Ubuntu, for the tests that check against them.
set -eu
if command -v prometheus >/dev/null && command -v promtool >/dev/null; then
  echo "prometheus is installed already"
  exit 0
fi
sudo=""
[ "$(id -u)" -eq 0 ] || sudo="sudo"
$sudo apt-get update -q
$sudo apt-get install -q -y --no-install-recommends prometheus
