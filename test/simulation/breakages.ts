/**
 * Rules broken on purpose, to see that the simulation notices. They live in the tests alone: a
 * broken one is a text put in place of another while a module of the product is loaded.
 */
export interface Breakage {
  readonly what: string
  /** From the root of the project. */
  readonly file: string
  readonly find: string
  readonly replace: string
}

export const breakages: Readonly<Record<string, Breakage>> = {
  'user-tie-break': {
    what: 'Of concurrent writes the one of the greater person wins, whatever the time.',
    file: 'domain/pipeline/total-order.ts',
    find: 'if (left.hlc !== right.hlc)',
    replace: `if (left.actorId !== right.actorId) return left.actorId < right.actorId ? -1 : 1
      if (left.hlc !== right.hlc)`,
  },
  'forgotten-tombstone': {
    what: 'What a removal has seen is forgotten.',
    file: 'domain/pipeline/evolve.ts',
    find: 'removalsSaw: clock, removal: stamp',
    replace: 'removalsSaw, removal: stamp',
  },
  'applied-twice': {
    what: 'An event that arrives again is applied again.',
    file: 'domain/pipeline/evolve.ts',
    find: 'return (state.replicas.get(event.replicaId)?.seq ?? 0) >= event.seq',
    replace: 'return false',
  },
  'order-of-arrival': {
    what: 'Connections take their turns in the order in which they arrived.',
    file: 'domain/pipeline/effective-graph.ts',
    find: 'isEarlier ? path',
    replace: 'path.length > 0 ? path',
  },
  'dropped-acknowledgement': {
    what: 'A push whose answer was lost counts as accepted, and is let go of.',
    file: 'frontend/replica/uploader.ts',
    find: 'await this.#ports.store.write((tx) => countRetry(tx, batch))',
    replace: `await this.#ports.store.write(async (tx) => {
        const ids = batch.events.map((event) => event.id)
        await tx.dequeue(ids)
        await tx.deleteEvents(ids)
      })`,
  },
  'acknowledged-before-commit': {
    what: 'A push is acknowledged though the log did not answer.',
    file: 'backend/sync/admission.ts',
    find: 'if (!(error instanceof LogUnavailable)) throw error',
    replace: `if (!(error instanceof LogUnavailable)) throw error
          return answer({ accepted: push.events.length, duplicates: 0 }, null)`,
  },
  'seen-write-kept': {
    what: 'A register keeps writes that the new one has seen.',
    file: 'domain/pipeline/register.ts',
    find: '!includes(clock, held.stamp)',
    replace: '!includes(clock, held.stamp) || held.stamp.seq % 5 === 0',
  },
  'renumbered-without-clock': {
    what: 'A renumbered event keeps the clock of its old number.',
    file: 'frontend/replica/restamp.ts',
    find: 'const clock = rewrite(event.clock)',
    replace: 'const clock = { ...event.clock }',
  },
}
