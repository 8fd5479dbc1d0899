/** A limit on everything that comes from outside, each with its unit and its reason. */
export const limits = {
  /** Bytes of one event as canonical JSON: a large step's configuration, not a file. */
  eventBytes: 256 * 1024,
  /** Events in one push: one append of this size costs Postgres about as much as ten single ones. */
  pushEvents: 100,
  /** Bytes of one push: keeps the longest message well under the transport's bound. */
  pushBytes: 1024 * 1024,
  /** Bytes of one message: larger than a push, so that an oversized push can still be answered. */
  transportBytes: 8 * 1024 * 1024,
  /** Bytes of a file to import. */
  importBytes: 5 * 1024 * 1024,
  /** Steps of a file to import: more than this no canvas shows. */
  importSteps: 5_000,
  /** Milliseconds that a device's clock may run ahead of everything the server knows. */
  clockAheadMs: 60_000,
  /** Characters of a name, a label, a port, a kind or a configuration key. */
  lineCharacters: 1_000,
  /** Characters of a description, a note or a comment. */
  textCharacters: 100_000,
  /** Pixels from the canvas's origin in each direction. */
  coordinate: 1e9,
  /** Connections of a path that suspends another one: as much as anybody reads, however long it is. */
  blockingConnections: 100,
  /** Replicas in one clock: devices that ever edited one pipeline. */
  clockReplicas: 10_000,
} as const
