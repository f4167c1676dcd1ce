#!/bin/sh
# Says what the system lacks, with the command that brings it, before anything is installed.
set -eu
python=${1:-python3}
command -v "$python" >/dev/null || { echo "Python 3.11 or newer is missing. On Debian or Ubuntu: sudo apt install python3 python3-venv" >&2; exit 1; }
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  { echo "$("$python" --version) is too old: 3.11 or newer is needed. Name another with PYTHON=python3.12 make ..." >&2; exit 1; }
"$python" -c 'import venv, ensurepip' 2>/dev/null ||
  { echo "The venv module is missing. On Debian or Ubuntu: sudo apt install python3-venv" >&2; exit 1; }
