/** Keeps what one shape has to send; the port behind which memory may become a disk. */
import type { Offset } from './offset.ts'

/** One change, as the JSON text of its message. */
export interface LogEntry {
  readonly offset: Offset
  readonly message: string
}

/** Messages between commas, and the place right after them. */
export interface LogPart {
  readonly messages: string
  readonly end: Offset
}

/** First the snapshot is written, chunk by chunk, then changes follow; both may be read at any time. */
export interface ShapeLog {
  /** Bytes of everything that is kept. */
  readonly bytes: number
  readonly snapshotChunks: number
  /** Of the last change; the end of the snapshot where there is none. */
  readonly lastOffset: Offset
  addSnapshotChunk(messages: string): void
  /** Entries are after `lastOffset`, in order, and can be read from now on. */
  append(entries: readonly LogEntry[]): void
  snapshotChunk(n: number): Promise<string>
  /**
   * The changes after a place, up to the end of its chunk. Chunks end where they have reached their
   * size for ever, so that a full one is always answered alike.
   */
  readAfter(offset: Offset): Promise<LogPart>
  /** Forgets everything; nothing is read or written any more. */
  drop(): void
}

export interface ShapeStorage {
  /** @param id of the shape, never used before */
  create(id: string): ShapeLog
}
