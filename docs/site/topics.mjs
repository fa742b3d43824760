// What people look for, by the page that answers it. The search weighs these words, and headings, above the text of pages:
// a word that many pages use would otherwise lead to the one that uses it most.
export const TOPICS = {
  overview: "install, npm, introduction",
  start: "start, quickstart, getting started, first steps, tutorial, account",
  concepts:
    "tail, follow, fencing, fence, trim, record, basin, stream, seq_num, sequence number, timestamp, header, retention, create, delete, resume",
  transports: "transport, http2, http1, s2s, fetch, frames, forceTransport, compression, gzip, zstd",
  migration: "migrate, migration, upgrade, redis, kafka, resumable-stream, camel, seqNum, AppendInput",
  guarantees:
    "exactly once, exactlyOnce, duplicates, duplicate, idempotent, retry, retries, at least once, lost acknowledgement, side effect, order",
  "back-pressure":
    "back-pressure, backpressure, memory, inflight, batch, linger, Producer, BatchTransform, pipe",
  deadlines:
    "timeout, timeouts, deadline, abort, AbortSignal, cancel, close, hang, maxAttempts, unlimited, wait",
  errors: "error, errors, code, status, S2Error, catch, exception",
  limits: "limit, limits, size, sizes, maximum, quota, name, 1 MiB",
  testing: "test, testing, mock, vitest, clock, fault, faults, offline",
  ai: "ai, llm, model, chat, useChat, Next.js chat, React, Vite, tokens of a model, durable answer",
  security: "token, access token, scope, browser, CSP, secret, encryption, encrypt, key",
  networks: "cors, nextjs, deno, workers, edge, network, tls, certificate",
  "proxies-and-certificates": "proxy, proxies, certificates, mtls, ca",
  performance: "performance, fast, throughput, latency, benchmark, cpu",
  "object-store": "s3, object store, self-host, failover, shard, s2-lite",
  runtimes: "node, bun, deno, workerd, chromium, supported versions",
  versioning: "version, semver, stable, 1.0, deprecated",
  dependencies: "dependency, dependencies, supply chain, license",
  architecture: "architecture, internals, design",
  contributing: "contribute, contributing, release, develop",
  "streamstore-local": "local, server, dashboard, lmdb",
  "streamstore-patterns": "pattern, patterns, typed, zod, lease, cursor",
  "streamstore-otel": "opentelemetry, otel, tracing, traces, metrics",
  "example-hono-events": "sse, server-sent events, EventSource, Last-Event-ID, hono",
  "example-cloudflare-worker": "cloudflare, worker, workerd, wrangler",
  "example-live-tail": "follower",
  "example-work-queue": "queue, jobs, worker that dies",
  "example-shared-document": "yjs, crdt, collaboration",
  "example-telemetry": "opentelemetry",
};
