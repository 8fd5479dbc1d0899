/** Conflicts gathered by the thing they are about, as the panel shows them. */
import type { Stamp } from '../../../domain/events/event.ts'
import type { ConnectionEnds } from '../../../domain/events/pipeline-events.ts'
import type { Conflict, ConflictValue } from '../../../domain/pipeline/conflicts.ts'
import { fieldOf, thingsOf, type PipelineState } from '../../../domain/pipeline/state.ts'
import { shortened } from '../../words/value-words.ts'

export interface ConflictThing {
  readonly kind: 'pipeline' | 'step' | 'note' | 'comment'
  readonly id: string
}

export interface ConflictGroup {
  readonly key: string
  readonly thing: ConflictThing
  readonly title: string
  /** Fields with more than one value. */
  readonly fields: readonly string[]
  /** What was edited while somebody removed the thing; empty where it exists. */
  readonly edits: readonly { readonly field: string; readonly values: readonly ConflictValue[] }[]
  /** Who removed the thing; null where it exists. */
  readonly removal: Stamp | null
  /** Suspended connections that start here. */
  readonly suspended: readonly {
    readonly ends: ConnectionEnds
    readonly blockedBy: readonly ConnectionEnds[]
  }[]
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer M)[] ? M[] : T[K] }

/** In the order in which the things appear among the conflicts. */
export function groupConflicts(
  conflicts: readonly Conflict[],
  state: PipelineState,
): readonly ConflictGroup[] {
  const groups = new Map<string, Mutable<ConflictGroup>>()
  for (const conflict of conflicts) {
    const thing = thingOf(conflict)
    const key = `${thing.kind} ${thing.id}`
    const group = groups.get(key) ?? emptyGroup(key, thing, state)
    groups.set(key, group)
    if (conflict.kind === 'suspended-connection') {
      group.suspended.push({ ends: conflict.connection, blockedBy: conflict.blockedBy })
    } else if (conflict.kind === 'field') group.fields.push(conflict.field)
    else group.edits.push({ field: conflict.field, values: conflict.values })
  }
  return [...groups.values()]
}

function thingOf(conflict: Conflict): ConflictThing {
  if (conflict.kind === 'suspended-connection') {
    return { kind: 'step', id: conflict.connection.from.stepId }
  }
  const { stepId, noteId, commentId } = conflict
  if (stepId !== undefined) return { kind: 'step', id: stepId }
  if (noteId !== undefined) return { kind: 'note', id: noteId }
  return commentId === undefined ? { kind: 'pipeline', id: '' } : { kind: 'comment', id: commentId }
}

function emptyGroup(
  key: string,
  thing: ConflictThing,
  state: PipelineState,
): Mutable<ConflictGroup> {
  const held = thing.kind === 'pipeline' ? undefined : thingsOf(state, thing.kind).get(thing.id)
  return {
    key,
    thing,
    title: titleOf(thing, state),
    fields: [],
    edits: [],
    removal: held?.removal ?? null,
    suspended: [],
  }
}

function titleOf({ kind, id }: ConflictThing, state: PipelineState): string {
  if (kind === 'pipeline') return 'Pipeline'
  const thing = thingsOf(state, kind).get(id)
  if (!thing) return kind
  if (kind === 'step') return fieldOf(thing, 'name', 'A step')
  const text = shortened(fieldOf(thing, kind === 'note' ? 'text' : 'body', ''), 40)
  return text || (kind === 'note' ? 'A note' : 'A comment')
}
