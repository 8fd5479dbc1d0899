import type { CreatedPipeline } from './pipeline-fold.ts'
import type { Row } from './read-model.ts'

/**
 * Makes rows of a pipeline's things, and gives the same row again for a thing that is the same
 * object: a pipeline of thousands of steps, one of which was moved, makes one new row.
 */
export function memoizedRows<Thing extends object, R extends Row>(
  makeRow: (thing: Thing, pipeline: CreatedPipeline) => R,
): (things: Iterable<Thing>, pipeline: CreatedPipeline) => R[] {
  const rows = new WeakMap<Thing, R>()
  return (things, pipeline) =>
    Array.from(things, (thing) => {
      const known = rows.get(thing)
      if (known && known['team_id'] === pipeline.teamId) return known
      const row = makeRow(thing, pipeline)
      rows.set(thing, row)
      return row
    })
}
