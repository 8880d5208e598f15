# The stand-alone worker. Built from this tree. `docker stop` lets attempts in flight end.
# The longest supported line. Node 20 gets no fixes since April 2026, and this process parses what strangers answer.
ARG NODE_VERSION=24
FROM node:${NODE_VERSION}-bookworm AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
# The SDK and the log's packages are peers: optional for receivers, needed here, in the versions of the lock file. Installing them
# by name would bring every development dependency back; with --omit=dev it would bring none of them, as they are those too.
RUN npm run build \
  && node -e "const p = require('./package.json'); fs.writeFileSync('package.json', JSON.stringify({ ...p, \
    dependencies: { ...p.dependencies, ...p.peerDependencies }, devDependencies: {}, peerDependencies: {} }))" \
  && npm install
# What no worker here reads:
# - the SDK's programs for other platforms and its Rust sources;
# - the compiler that bundles workflows: the bundle is built above;
# - the second forms of rxjs, kysely, terser and zod, for `import`: here all is required;
# - TypeScript, maps and readmes;
# - symbols of node and of the SDK's core, which only a debugger reads.
RUN kept=$(node -p "require('@temporalio/core-bridge/common').getPrebuiltTargetName()") \
  && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 ! -name "$kept" -exec rm -r {} + \
  && rm -r node_modules/@temporalio/core-bridge/sdk-core node_modules/@swc node_modules/swc-loader \
    node_modules/rxjs/dist/esm node_modules/rxjs/dist/esm5 node_modules/rxjs/dist/bundles node_modules/kysely/dist/esm \
    node_modules/terser/lib \
  && find node_modules/zod -name '*.js' -delete \
  && find node_modules dist -type f ! -iname 'licen*' \
    \( -name '*.map' -o -name '*.ts' -o -name '*.mts' -o -name '*.cts' -o -name '*.md' \) -delete \
  && strip "node_modules/@temporalio/core-bridge/releases/$kept/index.node" \
  && strip -o /node "$(command -v node)"

# node alone, without npm. One image for all: Debian has the libraries, and a shell for `docker exec`.
FROM debian:bookworm-slim
ENV NODE_ENV=production TOPCALLS_HEALTH_PORT=8080
WORKDIR /app
# The number, not a name: Kubernetes' runAsNonRoot refuses an image whose user is a name. 1000 as in node's own images,
# so that secrets of the host's first user stay readable.
RUN useradd --uid 1000 --user-group --no-create-home --home-dir /app --shell /usr/sbin/nologin worker
# The SDK trusts the system's certificates, and the slim image has none. Without them no TLS server is reached.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /node /usr/local/bin/node
COPY --from=build --chown=root:root /app/package.json ./package.json
COPY --from=build --chown=root:root /app/node_modules ./node_modules
COPY --from=build --chown=root:root /app/dist ./dist
COPY --from=build --chown=root:root /app/contract/published ./contract/published
USER 1000:1000
# Not /readyz: that is 503 while Temporal is away, and what restarts unhealthy containers would restart every worker then.
# A restart brings no server back. It only costs the attempts in flight.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.TOPCALLS_HEALTH_PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["worker"]
