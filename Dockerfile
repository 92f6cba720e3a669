# The HTTP service on Debian with the Vulkan loader: runs on NVIDIA GPUs whose
# driver the container runtime brings in, on the processor where there is none.
#
#   docker build -t limpid .
#   docker run --rm -p 8080:8080 --read-only --tmpfs /tmp limpid              # processor
#   docker run --rm -p 8080:8080 --read-only --tmpfs /tmp --gpus all limpid   # GPU
FROM denoland/deno:debian-2.9.6@sha256:2014dc167ece617ef7e7ba40631ac2234c59e75ce693e7cc2dc2602b3c87859d

RUN apt-get update \
 # NVIDIA's Vulkan driver loads X11's libraries and GLVND's, and is not found without them.
 && apt-get install -y --no-install-recommends libvulkan1 libegl1 libx11-6 libxext6 \
 && rm -rf /var/lib/apt/lists/* \
 # The driver itself is mounted by NVIDIA's runtime; this says where the loader finds it.
 && mkdir -p /etc/vulkan/icd.d \
 && printf '{"file_format_version":"1.0.0","ICD":{"library_path":"libGLX_nvidia.so.0","api_version":"1.3"}}\n' \
    > /etc/vulkan/icd.d/nvidia_icd.json

# Buffers as large as an image go back to the system when they are freed, instead of into one of many heaps. V8 keeps its
# young objects in 2 MB: with its default these spaces grow with the rate of requests, and buffers wait in them to be freed.
ENV MALLOC_ARENA_MAX=2 \
    MALLOC_MMAP_THRESHOLD_=131072 \
    MALLOC_TRIM_THRESHOLD_=131072 \
    DENO_V8_FLAGS=--max-semi-space-size=2

# Driver parts that WebGPU needs: graphics is where Vulkan is.
ENV NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility,graphics \
    DENO_DIR=/deno-dir \
    DENO_NO_UPDATE_CHECK=1 \
    XDG_RUNTIME_DIR=/nonexistent \
    LIMPID_HOST=0.0.0.0 \
    LIMPID_PORT=8080

WORKDIR /limpid
COPY . .

# All that is fetched when first used is fetched now: the container's file
# system is read-only, and a cold start must not wait for a registry.
RUN deno cache --frozen main.ts cli.ts prefetch.ts \
 && deno cache --frozen "$(grep -oE 'npm:swagger-ui-dist@[0-9.]+' deps_http.ts)" \
 && deno run -q -P=cli cli.ts restore examples/rain.png -o /tmp/a.png --device cpu --quiet \
 && deno run -q -P=cli cli.ts restore examples/rain.png -o /tmp/b.webp --device wasm --quiet \
 && deno run -q -P=cli cli.ts mask examples/haze.jpg -o /tmp/c.png --device cpu --quiet \
 && rm /tmp/a.png /tmp/b.webp /tmp/c.png \
 && chmod -R a+rX /deno-dir /limpid

USER 65532:65532
EXPOSE 8080
STOPSIGNAL SIGTERM
# Not `deno task`: signals reach the service without a shell between.
ENTRYPOINT ["deno", "run", "-q", "--cached-only", "-P=serve", "cli.ts", "serve"]
