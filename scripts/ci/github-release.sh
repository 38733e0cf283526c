#!/usr/bin/env bash
# Creates the GitHub release of a tag, with that version's section of CHANGELOG.md. Needs gh and GH_TOKEN.
set -euo pipefail
cd "$(dirname "$0")/../.."

notes=$(mktemp)
trap 'rm -f "$notes"' EXIT
npm run --silent release-notes -- "${1:?give a tag}" >"$notes"
gh release create "$1" --verify-tag --title "$1" --notes-file "$notes"
