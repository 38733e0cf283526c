#!/usr/bin/env bash
# scripts/deploy/kubernetes.sh with the image that is given, where KUBECONFIG_CONTENT, a kubeconfig, points to.
set -euo pipefail
cd "$(dirname "$0")/../.."

KUBECONFIG=$(mktemp)
export KUBECONFIG
trap 'rm -f "$KUBECONFIG"' EXIT
printf '%s\n' "${KUBECONFIG_CONTENT:?}" >"$KUBECONFIG"
unset KUBECONFIG_CONTENT
scripts/deploy/kubernetes.sh "$@"
