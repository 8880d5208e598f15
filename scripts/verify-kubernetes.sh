#!/usr/bin/env bash
# Holds deploy/kubernetes against the published schemas of Kubernetes, strictly: a misspelt field is an error. Called by
# .ci/run after the tests. The schemas come with a Python package, which goes into a folder of its own for this run.
set -euo pipefail
cd "$(dirname "$0")/../deploy/kubernetes"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
  --target "$folder" kubernetes-validate==1.37.0

# The oldest version that Kubernetes still supports, and the newest that the package has.
manifests=(config.yaml worker.yaml worker-versioned.yaml setup.yaml set-current.yaml doctor.yaml network-policy.yaml
  autoscaler.yaml)
for version in 1.33 1.36; do
  PYTHONPATH=$folder python3 -m kubernetes_validate --kubernetes-version "$version" --strict "${manifests[@]}"
done
