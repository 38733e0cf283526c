#!/usr/bin/env bash
# Runs all specs on the Node in PATH instead of the project's own, and on the PostgreSQL of
# WEBSITE_MONITOR_TEST_DSN if that is set.
set -euo pipefail
cd "$(dirname "$0")/../.."

npm ci
node --version
node node_modules/mocha/bin/mocha.js --ignore 'spec/debian/**' 'spec/**/*.spec.ts'
