/** What every library that takes part in the bench of the merge has to be able to do. */
import type { Trace } from './trace.ts'
import type { TraceSets } from './trace-sets.ts'

/** Text for those that speak JSON, bytes for the others: as a socket would hand it over. */
export type Message = string | Uint8Array

/** How many operations are in one message where they come in batches: a round of the trace. */
export const BATCH = 500
/** How many operations are in one message on the wire: a push by one device. */
export const PUSH = 100
/** After how many operations a past state is asked for. */
export const MOMENTS: readonly number[] = [5_000, 10_000, 15_000]
/** A device that was away since this many operations... */
export const LATE_BASE = 15_000
/** ...brings this many of its own. */
export const LATE_EDITS = 100

/** How many bytes something takes: raw, and by the two compressors that Node has. */
export interface Bytes {
  readonly raw: number
  readonly gzip: number
  readonly brotli: number
}

/** What a library's own replicas made of a trace. Everything is as it would be sent or stored. */
export interface Prepared {
  /** What everybody starts with. */
  readonly start: Message
  /** One message for each operation, in the order of the operations. */
  readonly messages: readonly Message[]
  /** The messages of `BATCH` operations each, handed over at once as they came. */
  readonly batches: readonly (readonly Message[])[]
  /** The messages of the device that was away, as one batch. */
  readonly late: readonly Message[]
  /** The final state, as a device stores it in order to open it fast. */
  readonly stored: Message
  /** What everybody starts with, as a device stores it. */
  readonly storedStart: Message
  /** What is stored in order to see past states, if the library can. */
  readonly history: Message | null
  /** For each of `MOMENTS`, how the library calls that state; survives `v8.serialize`. */
  readonly moments: readonly unknown[]
  readonly bytes: Sizes
}

export interface Sizes {
  /** The full history in its smallest form, by the name of the form. */
  readonly archives: Readonly<Record<string, Bytes>>
  /** Bytes of an operation in pushes of `PUSH`, by the name of the form. */
  readonly wire: Readonly<Record<string, WireBytes>>
}

/** Bytes per operation. */
export interface WireBytes {
  readonly raw: number
  /** Deflated message by message, as a socket without a shared window does. */
  readonly deflated: number
}

/** A copy of the document that receives what others have made. */
export interface Copy {
  /** Applies one operation, and whatever has to hold after each. */
  receive(message: Message): void
  /** Applies the messages of one batch, and whatever has to hold after it. */
  receiveBatch(messages: readonly Message[]): void
  /** Computes what a program would still ask for once all has come. */
  settle(): void
  /** Reads everything, as plain values. */
  read(): unknown
  reached(): TraceSets
}

export interface Contestant {
  /** Lets replicas make the trace's operations, and keeps what they send and store. */
  prepare(trace: Trace): Prepared
  /** What a step of the trace is called in this contestant's sets. */
  stepId(traceId: string): string
  /** A copy that knows what everybody starts with. */
  start(start: Message): Copy
  /** A copy from what a device stored. */
  readonly open: ((stored: Message) => Copy) | null
  /** Opens the history, and says how to see the state at a moment; null where that cannot be. */
  past(prepared: Pick<Prepared, 'history'>): ((moment: unknown) => Copy) | null
}
