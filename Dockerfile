# One file, two images: `web` (the Next.js server alone) and `services` (worker, gateway and the migrations, by command).
#   docker build --target web      -t switchyard-web .
#   docker build --target services -t switchyard-services .

FROM node:24.11.1-bookworm-slim AS base
ENV NEXT_TELEMETRY_DISABLED=1 \
    NPM_CONFIG_UPDATE_NOTIFIER=false \
    NPM_CONFIG_FUND=false \
    NPM_CONFIG_AUDIT=false
WORKDIR /app

# Everything that is needed to build. Install scripts are not run; the build makes the database client itself.
FROM base AS build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev --ignore-scripts
COPY . .
RUN node scripts/build.mjs

# What worker, gateway and migrations import; no browser code, no build tools, no embedded servers.
FROM base AS packages
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM base AS runtime
ENV NODE_ENV=production \
    SWITCHYARD_DATA_DIR=/data
# A named volume takes the owner of the folder that it is first mounted on.
RUN mkdir /data && chown node:node /data
VOLUME /data

FROM runtime AS web
COPY --from=build --chown=root:root /app/.next/standalone ./
# The server keeps what it renders ahead of time here.
RUN mkdir -p .next/cache && chown node:node .next/cache
ENV HOSTNAME=0.0.0.0 \
    PORT=3000 \
    WEB_PORT=3000
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3000/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "server.js"]

FROM runtime AS services
COPY package.json ./
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY prisma ./prisma
ENV GATEWAY_HOST=0.0.0.0 \
    WORKER_HOST=0.0.0.0
USER node
# The worker's; compose names another port for the gateway and none for the migrations.
EXPOSE 4000 4100
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.HEALTH_PORT || 4100) + '/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--enable-source-maps", "dist/worker.mjs"]
