#!/bin/sh
# Installs the system packages that are needed beyond Python and make, or prints how to install them.
#
#   sh tools/system-packages.sh environment|demo|test [PYTHON]
#
# An environment needs Python's venv module; the demo also needs the sandbox; the tests need all the rest. On Debian and
# Ubuntu, missing packages are installed for root and for users who have sudo without a password; others see the command to
# type. The exit code is always 0: without the packages, the demo runs without the sandbox, and the tests report what they
# leave out.
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
# Debian has the module that makes environments in a separate package. uv does not need it.
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
  has_library 'libatomic\.so\.1' || need libatomic1 # for the program that controls Chromium
  has_postgresql || need postgresql
  [ -d /usr/share/datasets/fashion-mnist ] || need dataset-fashion-mnist
fi
[ -n "$packages" ] || exit 0

install="apt-get install --no-install-recommends -y $packages"
if ! has apt-get; then
  echo "Missing on this system (names of Debian packages): $packages. Install them with your package manager."
  exit 0
fi
if [ "$(id -u)" = 0 ]; then
  sudo=
elif has sudo && sudo -n true 2>/dev/null; then
  sudo="sudo -n"
else
  echo "Missing on this system: $packages. To install them, type:"
  echo "    sudo apt-get update && sudo $install"
  exit 0
fi
echo "Installing $packages"
log=$(mktemp)
# -y answers apt-get's own questions; DEBIAN_FRONTEND keeps packages from asking theirs and waiting for input.
if $sudo apt-get update -qq >"$log" 2>&1 && $sudo env DEBIAN_FRONTEND=noninteractive $install -qq >"$log" 2>&1; then
  rm -f "$log"
  exit 0
fi
tail -n 5 "$log" >&2
rm -f "$log"
echo "These packages could not be installed: $packages. Try it yourself with:"
echo "    ${sudo:+sudo }apt-get update && ${sudo:+sudo }$install"
