/**
 * What clocks cost in a pipeline that many devices have edited: bytes of an event on the wire and
 * in the log, with clocks whole and as what differs from the replica's previous event.
 *
 * Every device has edited once; now five people move steps and hear of each other, in pushes of one
 * edit, as they come while people drag and type.
 */
import type { VersionVector } from '../../domain/clock/version-vector.ts'
import type { PipelineEvent } from '../../domain/events/event.ts'
import { pipelineStream, type PipelineId, type ReplicaId } from '../../domain/ids.ts'
import { canonicalJson } from '../../domain/json.ts'
import { ClockEncoder } from '../../domain/protocol/clock-coding.ts'
import { codeClocks, LastClocks } from '../../backend/log/postgres/stored-clocks.ts'
import { makeEvents } from './edits.ts'

export interface ClockBytes {
  readonly replicas: number
  /** Bytes of an event as JSON: without its clock, with it whole, and as sent and stored. */
  readonly bare: number
  readonly whole: number
  readonly sent: number
  readonly stored: number
}

const EVENTS = 2_000
const PEOPLE = 5

/** @param counts how many devices have edited the pipeline */
export function clockBytes(counts: readonly number[]): ClockBytes[] {
  return counts.map((replicas) => {
    const events = sessionOf(replicas)
    const encoder = new ClockEncoder()
    const remembered = new LastClocks()
    const mean = (sizeOf: (event: PipelineEvent) => number) =>
      events.reduce((sum, event) => sum + sizeOf(event), 0) / events.length
    return {
      replicas,
      bare: mean((event) => sizeOf({ ...event, clock: undefined })),
      whole: mean(sizeOf),
      sent: mean((event) => sizeOf(encoder.encode(event))),
      stored: mean((event) => storedSize(event, remembered)),
    }
  })
}

const sizeOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value))

function storedSize(event: PipelineEvent, remembered: LastClocks): number {
  const streamId = pipelineStream(event.pipelineId)
  const coded = codeClocks(streamId, [event], [canonicalJson(event)], remembered)
  for (const [replicaId, last] of coded.last) remembered.set(streamId, replicaId, last)
  return Buffer.byteLength(coded.texts[0]!)
}

function sessionOf(replicas: number): PipelineEvent[] {
  const names = Array.from({ length: replicas }, (_, n) => replicaName(n))
  const vector = Object.fromEntries(names.map((name) => [name, 12])) as Record<string, number>
  const [sample] = makeEvents('01890000-0000-7000-8000-000000000000' as PipelineId, 1)
  return Array.from({ length: EVENTS }, (_, n) => {
    // Somebody acts, acts again, and then somebody else does.
    const replicaId = names[Math.floor(n / 3) % Math.min(PEOPLE, replicas)]!
    const seq = (vector[replicaId] = vector[replicaId]! + 1)
    return { ...sample!, replicaId, seq, clock: { ...vector } as VersionVector }
  })
}

/** As random to look at as a real one. */
function replicaName(n: number): ReplicaId {
  const digits = (BigInt(n + 1) * 2_654_435_761_987_654_321n) % 36n ** 12n
  return digits.toString(36).padStart(12, '0') as ReplicaId
}

export function clockLines(figures: readonly ClockBytes[]): string[] {
  const row = ({ replicas, bare, whole, sent, stored }: ClockBytes) =>
    [replicas, bare, whole, sent, stored].map((value) => Math.round(value))
  const lines = [
    ['devices', 'no clock', 'whole', 'sent', 'stored'],
    ...figures.map((figure) => row(figure).map(String)),
  ]
  return [
    'Bytes of an event as JSON, in a pipeline that so many devices have edited',
    ...lines.map((cells) => cells.map((cell) => cell.padStart(10)).join('')),
  ]
}
