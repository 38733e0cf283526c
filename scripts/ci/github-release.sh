#!/usr/bin/env bash
# Makes the release of a tag on GitHub, with what CHANGELOG.md says of that version. Needs gh and its GH_TOKEN.
set -euo pipefail
cd "$(dirname "$0")/../.."

notes=$(mktemp)
trap 'rm -f "$notes"' EXIT
npm run --silent release-notes -- "${1:?give a tag}" >"$notes"
gh release create "$1" --verify-tag --title "$1" --notes-file "$notes"
