#!/usr/bin/env bash
# Python, Go, Java, PHP and Ruby judge the signature vectors with their standard libraries alone (test/vectors/languages/).
# Called by .ci/run after the tests, and by `npm run verify-vectors`. A language that is missing is installed where that can
# be done (Debian, as root); where it cannot, that is a failure, never a skip.
set -euo pipefail
cd "$(dirname "$0")/../test/vectors/languages"

declare -A package=([python3]=python3 [go]=golang-go [java]=default-jdk-headless [php]=php-cli [ruby]=ruby)
missing=()
for program in "${!package[@]}"; do
  command -v "$program" >/dev/null || missing+=("${package[$program]}")
done
if ((${#missing[@]} > 0)); then
  if [[ $EUID -ne 0 ]] || ! command -v apt-get >/dev/null; then
    echo "missing: ${missing[*]}; install them (Debian's names), or run this as root on Debian" >&2
    exit 1
  fi
  echo "installing ${missing[*]}"
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  install() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >>"$log" 2>&1; }
  # The lists a machine came with may name versions that are no longer there.
  install || { apt-get update -qq >>"$log" 2>&1 && install; } || { cat "$log" >&2; exit 1; }
fi

failed=()
# Each prints "<language>: n vectors: n as expected", and what it judged otherwise.
python3 verify.py || failed+=(Python)
# No module here and nothing to download: the toolchain that is installed is the one that runs.
GO111MODULE=off GOTOOLCHAIN=local GOFLAGS='' go run verify.go || failed+=(Go)
java Verify.java || failed+=(Java)
php verify.php || failed+=(PHP)
ruby verify.rb || failed+=(Ruby)
if ((${#failed[@]} > 0)); then
  echo "the vectors failed in: ${failed[*]}" >&2
  exit 1
fi
