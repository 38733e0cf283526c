# The production image: the sources, which Node runs as TypeScript, and their packages. No development
# dependencies, no bundled server, nothing writable. spec/debian/container.spec.ts runs each of these
# steps in an empty folder.

# The builder's platform, whatever the image's is: no package is native
FROM --platform=$BUILDPLATFORM node:24-trixie-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:24-trixie-slim
# Not only loopback: probes and Prometheus connect from outside the container
ENV NODE_ENV=production WEBSITE_MONITOR_HTTP_HOST=0.0.0.0 WEBSITE_MONITOR_LOGGING_TYPE=prod
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY sql ./sql
COPY lib ./lib
# For testing a deployment from inside
COPY scripts/smoke-test.ts scripts/apply-roles.ts ./scripts/
COPY scripts/smoke-test ./scripts/smoke-test
COPY scripts/support/flags.ts ./scripts/support/

# The image's own user, by number, so that Kubernetes can verify that it is not root
USER 1000:1000
EXPOSE 9400
# Liveness only: a worker that waits for its database is alive. To change the port, set it in the environment
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --start-interval=1s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.WEBSITE_MONITOR_HTTP_PORT || 9400}/livez`).then(({ ok }) => process.exit(ok ? 0 : 1))"]
ENTRYPOINT ["node", "lib/main.ts"]
CMD ["run"]
