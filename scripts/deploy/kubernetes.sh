#!/usr/bin/env bash
# Migrates, rolls out and tests the workers in kubectl's current context and namespace:
#
#   scripts/deploy/kubernetes.sh registry.example.com/website-monitor@sha256:…
#
# Exits with 0 only if all steps succeeded. The old workers keep running until the new ones are ready.
set -euo pipefail
cd "$(dirname "$0")/../../deploy/kubernetes"
image=${1:?give the image to deploy, as in registry.example.com/website-monitor:1.2.3}
[[ $image =~ ^[A-Za-z0-9./:@_-]+$ ]] || { echo 'not an image name' >&2; exit 2; }

with_image() { sed "s|image: website-monitor\$|image: $image|"; }

conditions() { kubectl get job "$1" --output 'jsonpath={.status.conditions[?(@.status=="True")].type}'; }

# An existing job cannot be changed, so each deployment recreates it; its own deadline ends it
run_job() {
  kubectl delete job "$1" --ignore-not-found
  with_image <"$2" | kubectl apply --filename -
  until [[ $(conditions "$1") =~ Complete|Failed ]]; do sleep "${POLL_SECONDS:-2}"; done
  kubectl logs "job/$1" --all-containers --prefix
  [[ $(conditions "$1") =~ Complete ]]
}

run_job website-monitor-migrate migrate-job.yaml
workers=$(kubectl kustomize .)
with_image <<<"$workers" | kubectl apply --filename -
kubectl rollout status deployment/website-monitor --timeout 10m
run_job website-monitor-smoke-test smoke-test-job.yaml
