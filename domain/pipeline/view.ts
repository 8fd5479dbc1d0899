/** A pipeline as people and other programs read it: the shown values of what exists. */
import type { VersionVector } from '../clock/version-vector.ts'
import type { ConnectionEnds, GraphRule, Placement, Size } from '../events/pipeline-events.ts'
import type { JsonValue } from '../json.ts'
import { conflictsOf, type Conflict } from './conflicts.ts'
import { effectiveGraph } from './effective-graph.ts'
import type { ConnectionStatus } from './graph.ts'
import { CONFIG_PREFIX } from './effects.ts'
import {
  exists,
  fieldOf,
  graphRuleOf,
  isArchived,
  pipelineName,
  teamOf,
  vectorOf,
  type PipelineState,
  type Thing,
} from './state.ts'

export interface PipelineView {
  readonly id: string
  readonly teamId: string | null
  readonly name: string
  readonly description: string
  readonly graphRule: GraphRule
  readonly status: 'active' | 'archived'
}

export interface StepView {
  readonly id: string
  readonly kind: string
  readonly name: string
  readonly placement: Placement
  readonly config: Readonly<Record<string, JsonValue>>
  readonly enabled: boolean
  readonly foreign?: JsonValue
}

export interface ConnectionView extends ConnectionEnds {
  readonly status: ConnectionStatus
  readonly blockedBy?: readonly ConnectionEnds[]
}

export interface NoteView {
  readonly id: string
  readonly text: string
  readonly placement: Placement
  readonly size: Size
}

export interface CommentView {
  readonly id: string
  readonly stepId: string | null
  readonly replyTo: string | null
  readonly body: string
  readonly resolved: boolean
  readonly authorId: string
}

export interface VersionView {
  readonly id: string
  readonly label: string
  readonly note: string | null
  readonly cut: VersionVector
  readonly actorId: string
  readonly hlc: string
}

/** What `GET /api/pipelines/:id/state` answers, without the log's revision. */
export interface StateView {
  readonly pipeline: PipelineView
  readonly steps: readonly StepView[]
  readonly connections: readonly ConnectionView[]
  readonly notes: readonly NoteView[]
  readonly comments: readonly CommentView[]
  readonly versions: readonly VersionView[]
  readonly conflicts: readonly Conflict[]
  readonly vector: VersionVector
}

const ORIGIN: Placement = { x: 0, y: 0 }
const NOTE_SIZE: Size = { width: 240, height: 120 }

/** The whole view: existing things only, sorted by id; connections by their four values. */
export function viewOf(state: PipelineState): StateView {
  return {
    pipeline: pipelineView(state),
    steps: existing(state.steps).map(stepView),
    connections: connectionViews(state),
    notes: existing(state.notes).map(noteView),
    comments: existing(state.comments).map(commentView),
    versions: [...state.versions.values()].sort(byId).map(({ id, label, note, cut, stamp }) => ({
      id,
      label,
      note: note ?? null,
      cut,
      actorId: stamp.actorId,
      hlc: stamp.hlc,
    })),
    conflicts: conflictsOf(state),
    vector: vectorOf(state),
  }
}

const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

function existing(things: ReadonlyMap<string, Thing>): Thing[] {
  return [...things.values()].filter(exists).sort(byId)
}

export function pipelineView(state: PipelineState): PipelineView {
  return {
    id: state.id,
    teamId: teamOf(state),
    name: pipelineName(state),
    description: fieldOf(state.pipeline, 'description', ''),
    graphRule: graphRuleOf(state),
    status: isArchived(state) ? 'archived' : 'active',
  }
}

export function stepView(step: Thing): StepView {
  const foreign = step.fields.shown('foreign')
  const view = {
    id: step.id,
    kind: fieldOf(step, 'kind', ''),
    name: fieldOf(step, 'name', ''),
    placement: fieldOf(step, 'placement', ORIGIN as never) as Placement,
    config: configOf(step),
    enabled: fieldOf(step, 'enabled', true),
  }
  return foreign === undefined ? view : { ...view, foreign }
}

/** A step's configuration without the keys that are absent, sorted by key. */
export function configOf(step: Thing): Record<string, JsonValue> {
  const entries: [string, JsonValue][] = []
  for (const field of step.fields.names) {
    if (!field.startsWith(CONFIG_PREFIX)) continue
    const value = step.fields.shown(field)
    if (value !== undefined) entries.push([field.slice(CONFIG_PREFIX.length), value])
  }
  return Object.fromEntries(entries)
}

export function connectionViews(state: PipelineState): ConnectionView[] {
  return [...effectiveGraph(state).connections.values()]
    .sort((a, b) => compareEnds(a.ends, b.ends))
    .map(({ ends, status, blockedBy }) =>
      blockedBy ? { ...ends, status, blockedBy } : { ...ends, status },
    )
}

function compareEnds(a: ConnectionEnds, b: ConnectionEnds): number {
  const left = [a.from.stepId, a.from.port, a.to.stepId, a.to.port]
  const right = [b.from.stepId, b.from.port, b.to.stepId, b.to.port]
  const at = left.findIndex((value, index) => value !== right[index])
  return at < 0 ? 0 : left[at]! < right[at]! ? -1 : 1
}

export function noteView(note: Thing): NoteView {
  return {
    id: note.id,
    text: fieldOf(note, 'text', ''),
    placement: fieldOf(note, 'placement', ORIGIN as never) as Placement,
    size: fieldOf(note, 'size', NOTE_SIZE as never) as Size,
  }
}

export function commentView(comment: Thing): CommentView {
  return {
    id: comment.id,
    stepId: (comment.fields.shown('stepId') as string | undefined) ?? null,
    replyTo: (comment.fields.shown('replyTo') as string | undefined) ?? null,
    body: fieldOf(comment, 'body', ''),
    resolved: fieldOf(comment, 'resolved', false),
    authorId: comment.adds[0]?.actorId ?? '',
  }
}
