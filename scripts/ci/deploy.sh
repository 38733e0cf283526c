#!/usr/bin/env bash
# Runs scripts/deploy/kubernetes.sh with the given image, on the cluster of the kubeconfig in KUBECONFIG_CONTENT.
set -euo pipefail
cd "$(dirname "$0")/../.."

KUBECONFIG=$(mktemp)
export KUBECONFIG
trap 'rm -f "$KUBECONFIG"' EXIT
printf '%s\n' "${KUBECONFIG_CONTENT:?}" >"$KUBECONFIG"
unset KUBECONFIG_CONTENT
scripts/deploy/kubernetes.sh "$@"
