#!/usr/bin/env bash
# Python, Go, Java, PHP and Ruby judge the signature vectors with their standard libraries alone (test/vectors/languages/).
# Called by .ci/run after the tests, and by `npm run verify-vectors`. A language that is missing is installed where that can
# be done (Debian, as root); where it cannot, that is a failure, never a skip.
set -euo pipefail
source "$(dirname "$0")/install-missing.sh"
cd "$(dirname "$0")/../test/vectors/languages"

install_missing python3=python3 go=golang-go java=default-jdk-headless php=php-cli ruby=ruby

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
