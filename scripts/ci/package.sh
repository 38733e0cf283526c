#!/usr/bin/env bash
# Builds the package, installs it in an empty folder and runs it there, without the sources. Leaves it in the
# given folder.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=$(realpath "${1:?give a folder for the package}")

npm run build
npm pack --silent --pack-destination "$target"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >init.log
npm install --omit=optional "$target"/website-monitor-*.tgz
node_modules/.bin/website-monitor --version
node_modules/.bin/website-monitor --help >help.txt
node --input-type=module --eval "import { monitor } from 'website-monitor'; if (!monitor) process.exit(1)"
