#!/bin/sh
# Make .venv from the hashed lock: setup.sh run (what the product runs on) | dev (tests too).
# Nothing is done when the installed lock is the same file, so a second start is quick.
set -eu
want=${1:-dev}
stamp=.venv/locks
mkdir -p "$stamp" 2>/dev/null || true

same() { cmp -s "$1" "$stamp/$1"; }
if same requirements-dev.txt; then exit 0; fi
if [ "$want" = run ] && same requirements.txt; then exit 0; fi

python=${PYTHON:-}
if [ -z "$python" ]; then
  for name in python3.13 python3.12 python3.11 python3 python; do
    if command -v "$name" >/dev/null 2>&1 &&
      "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
      python=$name
      break
    fi
  done
fi
if [ -z "$python" ] ||
  ! "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
  echo "Python 3.11, 3.12 or 3.13 is needed (found: $( (python3 --version || echo none) 2>&1)); give another by PYTHON=…" >&2
  exit 2
fi

py=.venv/bin/python
if ! "$py" -m pip --version >/dev/null 2>&1; then
  echo "Making the virtual environment with $("$python" --version) …"
  rm -rf .venv/bin .venv/lib .venv/pyvenv.cfg
  "$python" -m venv .venv || {
    echo "'$python -m venv' does not work; on Debian: apt-get install python3-venv" >&2
    exit 2
  }
fi
if [ "$want" = run ]; then
  lock=requirements.txt
  echo "Installing the pinned packages (about 60 MB, half a minute) …"
else
  lock=requirements-dev.txt
  echo "Installing the pinned packages and the test tools (about 170 MB, a minute) …"
fi
"$py" -m pip install --quiet --quiet --disable-pip-version-check --no-input --require-hashes \
  -r "$lock" --root-user-action=ignore
mkdir -p "$stamp"
cp "$lock" "$stamp/$lock"
