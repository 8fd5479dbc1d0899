/**
 * Views of a pipeline's state that keep their identity: a step that an event did not touch keeps
 * its view object, and a list in which nothing changed stays the same list. `evolve` replaces the
 * things that change, so identity is all there is to compare; nothing is looked at in depth.
 */
import { conflictsOf, type Conflict } from '../../domain/pipeline/conflicts.ts'
import { effectiveGraph } from '../../domain/pipeline/effective-graph.ts'
import type { EffectiveGraph } from '../../domain/pipeline/graph.ts'
import { connectionKey } from '../../domain/pipeline/effects.ts'
import { exists, type PipelineState, type Thing } from '../../domain/pipeline/state.ts'
import {
  commentView,
  connectionViews,
  noteView,
  pipelineView,
  stepView,
  type CommentView,
  type ConnectionView,
  type NoteView,
  type PipelineView,
  type StepView,
} from '../../domain/pipeline/view.ts'

export interface PipelineViews {
  readonly pipeline: PipelineView
  readonly steps: readonly StepView[]
  readonly connections: readonly ConnectionView[]
  readonly notes: readonly NoteView[]
  readonly comments: readonly CommentView[]
  readonly conflicts: readonly Conflict[]
}

/** Gives the views of one pipeline, each time it is asked; remembers what it gave before. */
export function createPipelineViews(): (state: PipelineState) => PipelineViews {
  const pipeline = remembered(pipelineView)
  const steps = viewsOfThings(stepView)
  const notes = viewsOfThings(noteView)
  const comments = viewsOfThings(commentView)
  const connections = viewsOfConnections()
  const conflicts = keptList<Conflict>(sameConflict)
  return (state) => ({
    pipeline: pipeline(state.pipeline, state),
    steps: steps(state.steps),
    connections: connections(state),
    notes: notes(state.notes),
    comments: comments(state.comments),
    conflicts: conflicts(conflictsOf(state)),
  })
}

/** The view of the pipeline itself, made anew only when its own fields have changed. */
function remembered(view: (state: PipelineState) => PipelineView) {
  let last: { thing: Thing; view: PipelineView } | null = null
  return (thing: Thing, state: PipelineState): PipelineView => {
    if (last?.thing !== thing) last = { thing, view: view(state) }
    return last.view
  }
}

function viewsOfThings<V extends { readonly id: string }>(view: (thing: Thing) => V) {
  const views = new WeakMap<Thing, V>()
  const kept = keptList<V>((a, b) => a === b)
  return (things: ReadonlyMap<string, Thing>): readonly V[] => {
    const list: V[] = []
    for (const thing of things.values()) {
      let known = views.get(thing)
      if (!known) {
        if (!exists(thing)) continue
        views.set(thing, (known = view(thing)))
      }
      list.push(known)
    }
    return kept(list)
  }
}

function viewsOfConnections() {
  let graph: EffectiveGraph | null = null
  let byKey = new Map<string, ConnectionView>()
  let list: readonly ConnectionView[] = []
  return (state: PipelineState): readonly ConnectionView[] => {
    const now = effectiveGraph(state)
    if (now === graph) return list
    graph = now
    const next = new Map<string, ConnectionView>()
    for (const view of connectionViews(state)) {
      const key = connectionKey(view)
      const before = byKey.get(key)
      next.set(key, before && sameConnection(before, view) ? before : view)
    }
    const changed = next.size !== byKey.size || [...next].some(([key, v]) => byKey.get(key) !== v)
    byKey = next
    return (list = changed ? [...next.values()] : list)
  }
}

function sameConnection(a: ConnectionView, b: ConnectionView): boolean {
  if (a.status !== b.status || a.blockedBy?.length !== b.blockedBy?.length) return false
  return (a.blockedBy ?? []).every(
    (ends, index) => connectionKey(ends) === connectionKey(b.blockedBy![index]!),
  )
}

function sameConflict(a: Conflict, b: Conflict): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** Gives the list of before where every member is the same. */
function keptList<T>(same: (a: T, b: T) => boolean): (list: readonly T[]) => readonly T[] {
  let last: readonly T[] = []
  return (list) => {
    const before = last
    const unchanged =
      list.length === before.length && list.every((item, index) => same(item, before[index]!))
    return unchanged ? before : (last = list)
  }
}
