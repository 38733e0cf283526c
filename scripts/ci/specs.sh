#!/usr/bin/env bash
# All specs on the Node that PATH has, rather than on the project's own, and on the PostgreSQL of
# WEBSITE_MONITOR_TEST_DSN, where that is set.
set -euo pipefail
cd "$(dirname "$0")/../.."

npm ci
node --version
node node_modules/mocha/bin/mocha.js --ignore 'spec/debian/**' 'spec/**/*.spec.ts'
