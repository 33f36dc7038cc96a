#!/usr/bin/env bash
# `npm run setup:test`: installs the Debian parts that test suites start, listed in setup-test-parts.txt.
set -euo pipefail

parts="$(dirname "${BASH_SOURCE[0]}")/setup-test-parts.txt"
missing=()
# Debian keeps a server's programs beside the path: each version of PostgreSQL has a folder, and daemons are for root.
PATH="$PATH:/usr/sbin"
for folder in /usr/lib/postgresql/*/bin; do PATH="$PATH:$folder"; done

# `python:ensurepip` stands for a module of Python: it is here when Python finds it.
is_here() {
  case "$1" in
    python:*) python3 -c "import ${1#python:}" 2> /dev/null ;;
    *) command -v "$1" > /dev/null ;;
  esac
}

while read -r part package; do
  if [[ -z "$part" || "$part" == '#'* ]]; then continue; fi
  if is_here "$part"; then
    echo "$package: already here"
  else
    missing+=("$package")
  fi
done < "$parts"

if [[ ${#missing[@]} -eq 0 ]]; then
  echo 'Every part that tests need is here.'
  exit 0
fi
if ! command -v apt-get > /dev/null; then
  echo "Tests need ${missing[*]}, and this machine has no apt-get: install them its own way, then run npm test." >&2
  exit 1
fi

as_root=()
if [[ "$(id -u)" -ne 0 ]]; then
  if ! command -v sudo > /dev/null; then
    echo "Tests need ${missing[*]}: run this again as root, or install sudo." >&2
    exit 1
  fi
  as_root=(sudo)
fi
echo "Installing ${missing[*]} …"
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
echo "Installed: ${missing[*]}"
