#!/usr/bin/env bash
# Builds the image, runs compose.yaml with it, and tests that. Needs Docker with the compose plugin.
# Checks a worker's own /livez as the website, so it needs nothing beyond this machine.
set -euo pipefail
cd "$(dirname "$0")/../.."

export COMPOSE_PROJECT_NAME=website-monitor-ci
export POSTGRES_PASSWORD=${POSTGRES_PASSWORD:-$(openssl rand -hex 16)}
export WEBSITE_MONITOR_ALLOW_PRIVATE_TARGETS=10.0.0.0/8,172.16.0.0/12,192.168.0.0/16

end() {
  local status=$?
  [ "$status" -eq 0 ] || docker compose logs
  docker compose down --volumes
  exit "$status"
}
trap end EXIT

docker compose config --quiet
docker compose up --build --detach --wait
docker compose run --rm --entrypoint node worker scripts/smoke-test.ts \
  --metrics-url http://worker:9400 --url http://worker:9400/livez
docker compose stop worker
stopped=$(docker compose ps --all --format '{{.ExitCode}}' worker)
[ "$(echo "$stopped" | sort --unique)" = 0 ] || { echo "a worker did not stop well: $stopped" >&2; exit 1; }
