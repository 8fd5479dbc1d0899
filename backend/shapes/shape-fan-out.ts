/** Hands every change of the feed to the shapes that it may concern: those of its table and team. */
import type { FeedChange } from '../../projections/postgres/change-feed.ts'
import type { Shape } from './shape.ts'

export interface ShapeFanOut {
  /** Number of shapes. */
  readonly size: number
  /** The last commit that all shapes have completely. */
  readonly completed: number
  /** From now on the shape takes what is dispatched. */
  add(shape: Shape): void
  remove(shape: Shape): void
  /** Changes as they follow on those that were dispatched before. */
  dispatch(changes: readonly FeedChange[]): void
  /** Changes may have been missed: every shape ends. */
  restart(commit: number): void
}

/** @param onError a shape that fails ends; the others do not notice */
export function createShapeFanOut(onError: (error: unknown) => void, commit: number): ShapeFanOut {
  const shapes = new Set<Shape>()
  const byPlace = new Map<string, Set<Shape>>()
  const touched = new Set<Shape>()
  let completed = commit

  function placesOf({ definition: { table }, teamIds }: Shape): string[] {
    return [tablePlace(table.schema, table.name)].concat(
      Array.from(teamIds, (teamId) => teamPlace(table.schema, table.name, teamId)),
    )
  }

  function concerned(change: FeedChange): Set<Shape> {
    const { schema, table, oldRow, newRow } = change
    if (change.operation === 'truncate') return new Set(byPlace.get(tablePlace(schema, table)))
    const found = new Set<Shape>()
    for (const teamId of new Set([oldRow?.['team_id'], newRow?.['team_id']])) {
      if (teamId == null) continue
      byPlace.get(teamPlace(schema, table, teamId))?.forEach((shape) => found.add(shape))
    }
    return found
  }

  function guarded(shape: Shape, work: () => void): void {
    try {
      work()
    } catch (error) {
      onError(error)
      shape.end()
    }
  }

  return {
    get size() {
      return shapes.size
    },
    get completed() {
      return completed
    },
    add(shape) {
      shapes.add(shape)
      for (const place of placesOf(shape)) {
        byPlace.set(place, (byPlace.get(place) ?? new Set()).add(shape))
      }
    },
    remove(shape) {
      shapes.delete(shape)
      touched.delete(shape)
      for (const place of placesOf(shape)) {
        const there = byPlace.get(place)
        there?.delete(shape)
        if (there?.size === 0) byPlace.delete(place)
      }
    },
    dispatch(changes) {
      for (const change of changes) {
        for (const shape of concerned(change)) {
          touched.add(shape)
          guarded(shape, () => shape.take(change))
        }
        if (!change.isLast) continue
        completed = change.commit
        const complete = [...touched]
        touched.clear()
        for (const shape of complete) guarded(shape, () => shape.completeCommit())
      }
    },
    restart(at) {
      touched.clear()
      completed = at
      for (const shape of [...shapes]) shape.end()
    },
  }
}

const tablePlace = (schema: string, table: string) => JSON.stringify([schema, table])
const teamPlace = (schema: string, table: string, teamId: string) =>
  JSON.stringify([schema, table, teamId])
