/** What must hold, after every step and at the end. Each function throws what does not. */
import { ALL } from './world.ts'
import { deepStrictEqual } from 'node:assert/strict'
import { expect } from 'chai'
import { isPipelineEvent, type PipelineEvent } from '../../domain/events/event.ts'
import { pipelineStream, type PipelineId } from '../../domain/ids.ts'
import { canonicalJson } from '../../domain/json.ts'
import type { EventLog } from '../../domain/log/event-log.ts'
import { deliver } from '../../domain/pipeline/causal-delivery.ts'
import { takeSnapshot } from '../../domain/pipeline/snapshot.ts'
import type { PipelineState } from '../../domain/pipeline/state.ts'
import { viewOf, type ConnectionView, type StateView } from '../../domain/pipeline/view.ts'
import { oracleView } from '../domain/pipeline/oracle.ts'
import { hashOf } from './past.ts'
import type { OpenProjectionStore } from '../support/memory-projection-store.ts'

/** Two replicas have the same state; where they have not, the parts that differ are shown. */
export function expectSame(one: PipelineState, other: PipelineState, what: string): void {
  if (hashOf(one) === hashOf(other)) return
  try {
    deepStrictEqual(takeSnapshot(one), takeSnapshot(other))
  } catch (error) {
    throw new Error(`${what}: ${(error as Error).message}`, { cause: error })
  }
}

export async function eventsInLog(log: EventLog, id: PipelineId): Promise<PipelineEvent[]> {
  const stored = await log.readStream(pipelineStream(id), { limit: ALL })
  return stored.map(({ event }) => event).filter(isPipelineEvent)
}

/**
 * A state of these events, whatever order they are given in; null where some lack their causes.
 * @param state what they follow on, which is changed
 */
export function foldOf(
  state: PipelineState,
  events: readonly PipelineEvent[],
): PipelineState | null {
  return deliver(state, events).length > 0 ? null : state
}

/** What is shown is what the rules say, by the slow oracle. */
export function expectRight(state: PipelineState, events: readonly PipelineEvent[]): void {
  const view = viewOf(state)
  const { name, description, graphRule, status } = view.pipeline
  const shown = {
    pipeline: { name, description, graphRule, status },
    steps: view.steps.map(({ foreign: _, ...step }) => step),
    connections: view.connections,
    notes: view.notes,
    comments: view.comments.map(({ id, body, resolved }) => ({ id, body, resolved })),
    conflicts: view.conflicts,
  }
  expect(shown).to.deep.equal(oracleView(events))
}

/**
 * The active connections have both ends and, where the rule asks for it, no cycle; each suspended
 * one names a path of active ones that it would close.
 */
export function expectSoundGraph({ pipeline, steps, connections }: StateView): void {
  const there = new Set(steps.map((step) => step.id))
  const active = connections.filter(({ status }) => status === 'active')
  for (const { from, to } of active) {
    expect(there.has(from.stepId) && there.has(to.stepId), 'an active connection dangles').to.equal(
      true,
    )
  }
  if (pipeline.graphRule === 'acyclic') expectAcyclic(active)
  const keys = new Set(active.map(keyOf))
  for (const { from, to, status, blockedBy } of connections) {
    if (status !== 'suspended') continue
    let at = to.stepId
    for (const part of blockedBy!) {
      expect(part.from.stepId, 'a path with a hole').to.equal(at)
      expect(keys.has(keyOf(part)), 'a path of connections that are not active').to.equal(true)
      at = part.to.stepId
    }
    expect(at, 'a path that does not lead back').to.equal(from.stepId)
  }
}

const keyOf = ({ from, to }: Pick<ConnectionView, 'from' | 'to'>) =>
  JSON.stringify([from.stepId, from.port, to.stepId, to.port])

function expectAcyclic(connections: readonly ConnectionView[]): void {
  const left = new Set(connections)
  for (;;) {
    const targets = new Set([...left].map(({ to }) => to.stepId))
    const sources = [...left].filter(({ from }) => !targets.has(from.stepId))
    if (sources.length === 0) break
    for (const source of sources) left.delete(source)
  }
  expect([...left].map(keyOf), 'connections that close a cycle').to.deep.equal([])
}

/** The projected rows are those of the state. */
export async function expectRows(
  store: OpenProjectionStore,
  id: PipelineId,
  state: PipelineState,
): Promise<void> {
  const view = viewOf(state)
  const texts = (rows: readonly unknown[]) => rows.map(canonicalJson).sort()
  const rowsOf = async (table: string) =>
    (await store.rows(table)).filter((row) => row['pipeline_id'] === id)
  const rowCount = async (table: string) => (await rowsOf(table)).length
  expect(
    texts(
      (await rowsOf('steps')).map((r) => [
        r['id'],
        r['name'],
        r['x'],
        r['y'],
        r['config'],
        r['enabled'],
      ]),
    ),
  ).to.deep.equal(
    texts(
      view.steps.map(({ id: stepId, name, placement: { x, y }, config, enabled }) => {
        return [stepId, name, x, y, config, enabled]
      }),
    ),
  )
  expect(
    texts((await rowsOf('connections')).map((r) => [r['from_step'], r['to_step'], r['status']])),
  ).to.deep.equal(
    texts(view.connections.map(({ from, to, status }) => [from.stepId, to.stepId, status])),
  )
  expect(await rowCount('conflicts'), 'rows of conflicts').to.equal(view.conflicts.length)
  expect(await rowCount('notes'), 'rows of notes').to.equal(view.notes.length)
}
