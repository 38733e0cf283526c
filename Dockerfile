# What production runs: the sources as they are, for Node runs TypeScript, and their packages. No
# development dependency, no bundled server, nothing to write to. spec/debian/container.spec.ts does
# each of these steps in an empty folder.

# Whatever the image is for, here it is the builder's own: no package is native
FROM --platform=$BUILDPLATFORM node:24-trixie-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:24-trixie-slim
# Beyond the container's own loopback, since probes and Prometheus come from outside
ENV NODE_ENV=production WEBSITE_MONITOR_HTTP_HOST=0.0.0.0 WEBSITE_MONITOR_LOGGING_TYPE=prod
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY sql ./sql
COPY lib ./lib
# So that a deployment can be tried from where it runs
COPY scripts/smoke-test.ts scripts/apply-roles.ts ./scripts/
COPY scripts/smoke-test ./scripts/smoke-test
COPY scripts/support/flags.ts ./scripts/support/

# The image's own user, by number: Kubernetes must see that it is not root
USER 1000:1000
EXPOSE 9400
# Of liveness: who waits for its database lives. Where the port is set, set it in the environment
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --start-interval=1s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.WEBSITE_MONITOR_HTTP_PORT || 9400}/livez`).then(({ ok }) => process.exit(ok ? 0 : 1))"]
ENTRYPOINT ["node", "lib/main.ts"]
CMD ["run"]
