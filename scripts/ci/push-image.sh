#!/usr/bin/env bash
# Builds the image for both architectures, with SBOM and provenance, and pushes it:
#
#   scripts/ci/push-image.sh ghcr.io/somebody/website-monitor 1.2.3 latest
#
# Writes name, digest and image (name@digest) to GITHUB_OUTPUT, or to stdout. Logs in as GITHUB_ACTOR with
# REGISTRY_TOKEN if that is set. Emulates nothing: the only stage that runs commands runs on the builder's
# platform, and its result suits every architecture.
set -euo pipefail
cd "$(dirname "$0")/../.."
name=${1:?give a name for the image, and tags}
name=${name,,} # a registry takes no capitals
shift
[ $# -gt 0 ] || { echo 'give a tag' >&2; exit 2; }

if [ -n "${REGISTRY_TOKEN:-}" ]; then
  docker login "${name%%/*}" --username "${GITHUB_ACTOR:?}" --password-stdin <<<"$REGISTRY_TOKEN"
fi
metadata=$(mktemp)
builder=$(docker buildx create --driver docker-container)
trap 'rm -f "$metadata"; docker buildx rm "$builder"' EXIT

docker buildx build . --builder "$builder" --platform linux/amd64,linux/arm64 --provenance mode=max --sbom true \
  "${@/#/--tag=$name:}" --push --metadata-file "$metadata"
digest=$(grep -o '"containerimage.digest": *"[^"]*"' "$metadata" | grep -o 'sha256:[0-9a-f]*')
printf '%s\n' "name=$name" "digest=$digest" "image=$name@$digest" >>"${GITHUB_OUTPUT:-/dev/stdout}"
