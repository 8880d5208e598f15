# The stand-alone worker. Built from this tree; runs as an unprivileged user; `docker stop` lets attempts in flight end.
FROM node:20-bookworm-slim AS build
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

FROM node:20-bookworm-slim
ENV NODE_ENV=production TOPCALLS_HEALTH_PORT=8080
WORKDIR /app
COPY --from=build --chown=root:root /app/package.json ./package.json
COPY --from=build --chown=root:root /app/node_modules ./node_modules
COPY --from=build --chown=root:root /app/dist ./dist
COPY --from=build --chown=root:root /app/contract/published ./contract/published
USER node
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD node -e "fetch('http://127.0.0.1:8080/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["worker"]
