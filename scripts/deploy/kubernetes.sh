#!/usr/bin/env bash
# Migrates, rolls the workers out and tries them, where kubectl points to (its context and namespace):
#
#   scripts/deploy/kubernetes.sh registry.example.com/website-monitor@sha256:…
#
# Ends with 0 only if all of that went well. The workers of before go on until the new ones are ready.
set -euo pipefail
cd "$(dirname "$0")/../../deploy/kubernetes"
image=${1:?give the image to deploy, as in registry.example.com/website-monitor:1.2.3}
[[ $image =~ ^[A-Za-z0-9./:@_-]+$ ]] || { echo 'that is no name of an image' >&2; exit 2; }

with_image() { sed "s|image: website-monitor\$|image: $image|"; }

conditions() { kubectl get job "$1" --output 'jsonpath={.status.conditions[?(@.status=="True")].type}'; }

# A job is not changed once it is there, so each deployment makes it anew; its own deadline ends it
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
