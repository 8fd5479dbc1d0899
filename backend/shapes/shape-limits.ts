/** Limits on what shapes may cost a node, each with its unit and its reason. */
export const shapeLimits = {
  /** Bytes of messages in one answer: the first rows are on the screen while the others come. */
  chunkBytes: 1024 * 1024,
  /** Shapes at once: a change is matched against each that has its table and team. */
  shapes: 2_000,
  /** Bytes of all shapes together; MAX_SHAPE_SIZE raises it where one shape needs it. */
  totalBytes: 256 * 1024 * 1024,
  /** Snapshots taken at once: each holds a connection to Postgres. */
  snapshotsAtOnce: 4,
  /** Snapshots that wait for their turn: more would wait for longer than clients do. */
  snapshotsWaiting: 300,
  /** Requests that wait for news at once: each holds a socket. */
  waitingRequests: 10_000,
  /** Callers remembered: one who is forgotten fetches again. */
  callers: 10_000,
  /** Milliseconds that a request waits for news: less than clients and proxies do. */
  longPollMs: 20_000,
  /** Milliseconds that an unused shape is kept at least: a client needs them between two requests. */
  minIdleMs: 1_000,
  /** Milliseconds between two looks for unused shapes. */
  sweepEveryMs: 1_000,
} as const

export type ShapeLimits = { readonly [K in keyof typeof shapeLimits]: number }
