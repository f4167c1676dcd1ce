#!/bin/sh
# The browser tests need Debian's Chromium: installed when missing and possible, otherwise said loudly.
set -eu
command -v chromium >/dev/null || command -v chromium-browser >/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; } && exit 0
fi
echo "Chromium is missing, so the browser tests will be skipped. On Debian or Ubuntu: sudo apt install chromium" >&2
