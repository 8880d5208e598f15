#!/usr/bin/env bash
# The examples in Python, Go and Java report calls to a real server: test/system/languages/. Called by .ci/run after
# the tests, and by `npm run verify-languages`. What is missing is installed where that can be done (Debian, as root).
# Where it cannot, that is a failure, never a skip. .NET has no SDK in Debian, so it has no example.
set -euo pipefail
cd "$(dirname "$0")/.."
source scripts/install-missing.sh

python3 -c 'import ensurepip, venv' 2>/dev/null || install_packages python3-venv
install_missing python3=python3 java=default-jdk-headless mvn=maven go=golang-go
# A toolchain that is too old would want to download another one.
if [[ $(GOTOOLCHAIN=local go env GOVERSION) =~ ^go1\.([0-9]+) ]] && ((BASH_REMATCH[1] < 24)); then
  echo "Go 1.24 or later is needed for examples/report-from-go, and this is $(GOTOOLCHAIN=local go version)" >&2
  exit 1
fi

node -r ./scripts/run-typescript.cjs test/system/languages/main.ts
