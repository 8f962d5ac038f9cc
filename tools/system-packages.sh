#!/bin/sh
# What the system itself has to provide beyond Python and make: installed where that is allowed, else named.
#
#   sh tools/system-packages.sh environment|demo|test [PYTHON]
#
# An environment needs Python's venv module; the demo needs the sandbox as well, and the tests all the rest. Root, or who has sudo without a
# password, on Debian or Ubuntu, gets the missing packages installed. Everybody else is told the one line to type. Either way the
# exit code is 0: the demo runs without the sandbox, and the tests say what they leave out.
set -u
purpose=$1
python=${2:-python3}

has() { command -v "$1" >/dev/null 2>&1; }
has_library() {
  for ldconfig in ldconfig /sbin/ldconfig; do
    has "$ldconfig" && "$ldconfig" -p 2>/dev/null | grep -q "$1" && return 0
  done
  return 1
}
has_postgresql() {
  has initdb && return 0
  for program in /usr/lib/postgresql/*/bin/initdb; do
    [ -x "$program" ] && return 0
  done
  return 1
}
# Debian splits the module that makes environments off its Python. uv brings its own.
has_venv() { has uv || [ -e .venv/.ready ] || "$python" -c 'import ensurepip, venv' 2>/dev/null; }

[ "$(uname -s)" = Linux ] || exit 0

packages=
need() { packages="$packages${packages:+ }$1"; }
has_venv || need "$("$python" -c 'import sys; print("python3.%d-venv" % sys.version_info[1])')"
if [ "$purpose" != environment ]; then
  has bwrap || need bubblewrap
  has_library 'libseccomp\.so\.2' || need libseccomp2
fi
if [ "$purpose" = test ]; then
  has chromium || has google-chrome || need chromium
  has_library 'libatomic\.so\.1' || need libatomic1 # of the program that drives Chromium
  has_postgresql || need postgresql
  [ -d /usr/share/datasets/fashion-mnist ] || need dataset-fashion-mnist
fi
[ -n "$packages" ] || exit 0

install="apt-get install --no-install-recommends -y $packages"
if ! has apt-get; then
  echo "Missing on this system, by their names in Debian: $packages. Install them with its package manager."
  exit 0
fi
if [ "$(id -u)" = 0 ]; then
  sudo=
elif has sudo && sudo -n true 2>/dev/null; then
  sudo="sudo -n"
else
  echo "Missing on this system: $packages. To have them, type:"
  echo "    sudo apt-get update && sudo $install"
  exit 0
fi
echo "Installing $packages"
log=$(mktemp)
# apt-get's own -y answers its questions; a package's questions would wait for somebody to type.
if $sudo apt-get update -qq >"$log" 2>&1 && $sudo env DEBIAN_FRONTEND=noninteractive $install -qq >"$log" 2>&1; then
  rm -f "$log"
  exit 0
fi
tail -n 5 "$log" >&2
rm -f "$log"
echo "These packages could not be installed: $packages. Try it yourself:"
echo "    ${sudo:+sudo }apt-get update && ${sudo:+sudo }$install"
