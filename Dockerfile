# The image holds one static binary and an empty folder for its data: no shell, no package manager, no other file.
#   docker build -t watchpost .
# Certificate authorities and time zones are inside the binary; name servers come from the container's resolv.conf.

# Another base with rustc 1.95 serves as well: --build-arg BUILDER=...
ARG BUILDER=docker.io/library/rust:1.95-bookworm

FROM ${BUILDER} AS build
WORKDIR /source
COPY . .
# Static, by the C library of the base; the target is named so that build scripts stay as they are. Without default
# features: the demo and its stand-ins stay out. Packed relocations (glibc 2.36 and newer) save a mebibyte and a half.
RUN RUSTFLAGS='-C target-feature=+crt-static' cargo rustc --profile image --locked --no-default-features \
        --package watchpost-commands --bin watchpost --target x86_64-unknown-linux-gnu \
        -- -C link-arg=-Wl,-z,pack-relative-relocs \
    && mkdir --parents /image/data /image/etc/watchpost \
    && cp target/x86_64-unknown-linux-gnu/image/watchpost /image/watchpost

FROM scratch
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Watchpost" \
      org.opencontainers.image.description="Runs an organisation's procedure for e-mail outages, in Discord" \
      org.opencontainers.image.licenses="Apache-2.0 OR MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build --chown=10001:10001 /image/ /
USER 10001:10001
WORKDIR /data
ENV WATCHPOST_CONFIG=/etc/watchpost/watchpost.toml
VOLUME ["/data"]
# Needs listen under [web]; there is no shell to ask with, so the binary asks itself.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["/watchpost", "health"]
ENTRYPOINT ["/watchpost"]
CMD ["run"]
