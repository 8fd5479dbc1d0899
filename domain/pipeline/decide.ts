/**
 * Decides what a command comes to in somebody's own view: events, or a rejection.
 *
 * Only the editor asks; the server never runs this, since what is senseless in one view may be fine
 * in another (see the merge rules). The commands of one gesture are decided one after the other,
 * each on the state that the ones before it leave.
 */
import { readChange, type PipelineEvent } from '../events/event.ts'
import {
  PIPELINE_EVENT_SCHEMA,
  type ConnectionEnds,
  type PipelineChange,
} from '../events/pipeline-events.ts'
import { jsonBytes } from '../formats/json-size.ts'
import type { ActorId } from '../ids.ts'
import { jsonIssue, sameJson, type JsonValue } from '../json.ts'
import { limits } from '../limits.ts'
import type { CanvasItem, Command, Rejection } from './commands.ts'
import { editsWhileRemoved } from './conflicts.ts'
import { effectiveGraph } from './effective-graph.ts'
import { configField, connectionKey, type FieldName } from './effects.ts'
import { evolve } from './evolve.ts'
import { isInConflict, shownValue } from './register.ts'
import { stampChanges, type Authorship } from './stamp.ts'
import {
  exists,
  forkState,
  graphRuleOf,
  isArchived,
  isCreated,
  thingsOf,
  vectorOf,
  type PipelineState,
  type Thing,
} from './state.ts'
import { changeThatWrites, existenceChange, unsetValue } from './writing.ts'

export type Decision =
  | { readonly ok: true; readonly events: readonly PipelineEvent[] }
  | { readonly ok: false; readonly rejection: Rejection }

/** Decides the commands of one gesture. Does not touch the state it is given. */
export function decide(
  commands: readonly Command[],
  state: PipelineState,
  author: Authorship,
): Decision {
  const fork = forkState(state)
  const events: PipelineEvent[] = []
  for (const command of commands) {
    const changes = changesFor(command, fork, author.actorId)
    if ('code' in changes) return { ok: false, rejection: changes }
    const flawed = changes.map(flawOf).find((flaw) => flaw !== null)
    if (flawed) return { ok: false, rejection: flawed }
    const seen = { pipelineId: fork.id, vector: vectorOf(fork), greatestHlc: fork.greatestHlc }
    for (const event of stampChanges(changes, seen, author)) {
      if (jsonBytes(event) > limits.eventBytes) return { ok: false, rejection: TOO_LARGE }
      evolve(fork, event)
      events.push(event)
    }
  }
  if (events.length > 0) return { ok: true, events }
  return refuse('no-change', 'There is nothing to change.')
}

type Changes = readonly PipelineChange[] | Rejection

const rejection = (code: Rejection['code'], message: string): Rejection => ({ code, message })
const refuse = (code: Rejection['code'], message: string): Decision => ({
  ok: false,
  rejection: rejection(code, message),
})

const TOO_LARGE = rejection(
  'invalid',
  `One edit may have at most ${limits.eventBytes / 1024} KiB. Keep large data in a file elsewhere.`,
)

/** A change that the server would refuse as malformed is refused here, in the person's own view. */
function flawOf(change: PipelineChange): Rejection | null {
  const issue = jsonIssue(change.payload)
  if (issue) return rejection('invalid', `This cannot be stored: ${issue}.`)
  if (readChange({ ...change, schema: PIPELINE_EVENT_SCHEMA })) return null
  return rejection('invalid', 'This is too long, or not of the form that is needed here.')
}

function changesFor(command: Command, state: PipelineState, actorId: ActorId): Changes {
  if (command.type === 'CreatePipeline') return create(command, state)
  const first = command.type === 'Apply' ? command.changes[0]?.type : command.type
  if (command.type === 'Apply' && first === 'PipelineCreated') {
    return isCreated(state) ? PIPELINE_EXISTS : command.changes
  }
  if (!isCreated(state)) return rejection('not-there', 'This pipeline has not been created.')
  if (isArchived(state) && first !== 'UnarchivePipeline' && first !== 'PipelineUnarchived') {
    return rejection('archived', 'This pipeline is archived. Unarchive it to go on editing.')
  }
  switch (command.type) {
    case 'Apply':
      return command.changes
    case 'RenamePipeline':
      return named(command.name, (name) => write(state.pipeline, 'pipeline', 'name', name))
    case 'DescribePipeline':
      return write(state.pipeline, 'pipeline', 'description', command.description)
    case 'SetGraphRule':
      return write(state.pipeline, 'pipeline', 'graphRule', command.graphRule)
    case 'ArchivePipeline':
    case 'UnarchivePipeline':
      return write(state.pipeline, 'pipeline', 'archived', command.type === 'ArchivePipeline')
    case 'TagVersion':
      return tag(command, state)
    case 'Connect':
      return connect(command, state)
    case 'Disconnect':
      return disconnect(command, state)
    case 'ChooseValue':
      return choose(command, state, actorId)
    default:
      return changesOfThings(command, state, actorId)
  }
}

type ThingCommand = Exclude<
  Command,
  {
    type:
      | 'CreatePipeline'
      | 'Apply'
      | 'RenamePipeline'
      | 'DescribePipeline'
      | 'SetGraphRule'
      | 'ArchivePipeline'
      | 'UnarchivePipeline'
      | 'TagVersion'
      | 'Connect'
      | 'Disconnect'
      | 'ChooseValue'
  }
>

function changesOfThings(command: ThingCommand, state: PipelineState, actorId: ActorId): Changes {
  switch (command.type) {
    case 'AddStep':
      return addStep(command, state)
    case 'AddNote':
    case 'AddComment':
      return addNoteOrComment(command, state)
    case 'Move':
      return onEach(command.moves, (move) =>
        inThing(state, move, (thing, kind) =>
          write(thing, kind, 'placement', { ...move.placement }),
        ),
      )
    case 'RenameStep':
      return named(command.name, (name) =>
        inThing(state, command, (thing) => write(thing, 'step', 'name', name)),
      )
    case 'ConfigureStep':
    case 'ClearStepConfig': {
      const value = command.type === 'ConfigureStep' ? command.value : undefined
      return inThing(state, command, (thing) =>
        write(thing, 'step', configField(command.key), value),
      )
    }
    case 'SetStepsEnabled':
      return onEach(command.stepIds, (stepId) =>
        inThing(state, { stepId }, (thing) => write(thing, 'step', 'enabled', command.enabled)),
      )
    case 'EditNote':
      return inThing(state, command, (thing) => write(thing, 'note', 'text', command.text))
    case 'ResizeNote':
      return inThing(state, command, (thing) => write(thing, 'note', 'size', { ...command.size }))
    case 'EditComment':
      return ofAuthor(state, command, actorId, (thing) =>
        command.body.trim() ? write(thing, 'comment', 'body', command.body) : NO_BODY,
      )
    case 'ResolveComment':
      return inThing(state, command, (thing) =>
        write(thing, 'comment', 'resolved', command.resolved),
      )
    case 'RemoveComment':
      return ofAuthor(state, command, actorId, (thing) => [
        existenceChange('comment', thing.id, 'remove'),
      ])
    case 'Remove':
      return remove(command, state)
    case 'Restore':
      return restore(command.item, state)
    case 'RemoveAgain':
      return removeAgain(command.thing, state)
  }
}

const NOT_THERE = rejection('not-there', 'This is not here any more: somebody removed it.')
const NOT_YOURS = rejection('not-yours', 'Only its author may change a comment.')
const NO_BODY = rejection('empty', 'A comment cannot be empty.')
const PIPELINE_EXISTS = rejection('exists-already', 'This pipeline exists already.')

type Named = CanvasItem | { readonly commentId: string }

/** Finds the thing that a command names; gives the rejection where it does not exist. */
function inThing(
  state: PipelineState,
  named: Named,
  then: (thing: Thing, kind: 'step' | 'note' | 'comment') => Changes,
): Changes {
  const [kind, id] =
    'stepId' in named
      ? (['step', named.stepId] as const)
      : 'noteId' in named
        ? (['note', named.noteId] as const)
        : (['comment', named.commentId] as const)
  const thing = thingsOf(state, kind).get(id)
  return thing && exists(thing) ? then(thing, kind) : NOT_THERE
}

function ofAuthor(
  state: PipelineState,
  command: { readonly commentId: string },
  actorId: ActorId,
  then: (thing: Thing) => Changes,
): Changes {
  return inThing(state, { commentId: command.commentId }, (thing) =>
    isAuthor(thing, actorId) ? then(thing) : NOT_YOURS,
  )
}

const isAuthor = (comment: Thing, actorId: ActorId) => comment.adds[0]?.actorId === actorId

function named(name: string, then: (name: string) => Changes): Changes {
  const trimmed = name.trim()
  return trimmed ? then(trimmed) : rejection('empty', 'A name cannot be empty.')
}

function onEach<T>(items: readonly T[], changesOf: (item: T) => Changes): Changes {
  const all: PipelineChange[] = []
  for (const item of items) {
    const changes = changesOf(item)
    if ('code' in changes) return changes
    all.push(...changes)
  }
  return all
}

/** Writes a field, or nothing where it would write what stands there and settle no conflict. */
function write(
  thing: Thing,
  kind: 'pipeline' | 'step' | 'note' | 'comment',
  field: FieldName,
  value: JsonValue | undefined,
): Changes {
  const register = thing.fields.get(field)
  const settled = !register || !isInConflict(register)
  const shown = register ? shownValue(register) : unsetValue(kind, field)
  if (settled && sameJson(shown, value)) return []
  const change = changeThatWrites(kind, thing.id, field, value)
  return change ? [change] : rejection('invalid', `The field ${field} cannot be set to this value.`)
}

function create(
  command: Extract<Command, { type: 'CreatePipeline' }>,
  state: PipelineState,
): Changes {
  if (isCreated(state)) return PIPELINE_EXISTS
  return named(command.name, (name) => {
    const { teamId, description, graphRule = 'acyclic' } = command
    const payload = { name, teamId, graphRule }
    return [
      {
        type: 'PipelineCreated',
        payload: description === undefined ? payload : { ...payload, description },
      },
    ]
  })
}

function tag(command: Extract<Command, { type: 'TagVersion' }>, state: PipelineState): Changes {
  return named(command.label, (label) => {
    const { versionId, note } = command
    const payload = { versionId, label, cut: vectorOf(state) }
    return [{ type: 'VersionTagged', payload: note === undefined ? payload : { ...payload, note } }]
  })
}

function addStep(command: Extract<Command, { type: 'AddStep' }>, state: PipelineState): Changes {
  if (state.steps.has(command.stepId)) {
    return rejection('exists-already', 'A step with this id exists already.')
  }
  return named(command.name, (name) => {
    const { stepId, kind, placement, config = {}, enabled = true, foreign } = command
    const payload = { stepId, kind, name, placement, config, enabled }
    return [
      { type: 'StepAdded', payload: foreign === undefined ? payload : { ...payload, foreign } },
    ]
  })
}

function addNoteOrComment(
  command: Extract<Command, { type: 'AddNote' | 'AddComment' }>,
  state: PipelineState,
): Changes {
  if (command.type === 'AddNote') {
    const { noteId, text, placement, size } = command
    if (state.notes.has(noteId)) {
      return rejection('exists-already', 'A note with this id exists already.')
    }
    return [{ type: 'NoteAdded', payload: { noteId, text, placement, size } }]
  }
  if (!command.body.trim()) return NO_BODY
  const { commentId, body, stepId, replyTo } = command
  if (state.comments.has(commentId)) {
    return rejection('exists-already', 'A comment with this id exists already.')
  }
  const about = [
    ...(stepId === undefined ? [] : [state.steps.get(stepId)]),
    ...(replyTo === undefined ? [] : [state.comments.get(replyTo)]),
  ]
  if (!about.every((thing) => thing && exists(thing))) return NOT_THERE
  const payload = { commentId, body, ...(stepId && { stepId }), ...(replyTo && { replyTo }) }
  return [{ type: 'CommentAdded', payload }]
}

function connect(command: Extract<Command, { type: 'Connect' }>, state: PipelineState): Changes {
  const ends: ConnectionEnds = { from: command.from, to: command.to }
  const steps = [state.steps.get(ends.from.stepId), state.steps.get(ends.to.stepId)]
  if (!steps.every((step) => step && exists(step))) return NOT_THERE
  const before = state.connections.get(connectionKey(ends))
  if (before && exists(before)) {
    return rejection('exists-already', 'These two ports are connected already.')
  }
  const path = graphRuleOf(state) === 'acyclic' ? effectiveGraph(state).pathBack(ends) : null
  if (path) {
    return { ...rejection('would-close-cycle', 'This connection would close a cycle.'), path }
  }
  return [{ type: 'StepsConnected', payload: ends }]
}

function disconnect({ from, to }: ConnectionEnds, state: PipelineState): Changes {
  const before = state.connections.get(connectionKey({ from, to }))
  return before && exists(before)
    ? [{ type: 'StepsDisconnected', payload: { from, to } }]
    : NOT_THERE
}

function remove(command: Extract<Command, { type: 'Remove' }>, state: PipelineState): Changes {
  const connections = onEach(command.connections ?? [], (ends) => disconnect(ends, state))
  if ('code' in connections) return connections
  const things = onEach(command.items, (item) =>
    inThing(state, item, (thing, kind) => [existenceChange(kind, thing.id, 'remove')]),
  )
  return 'code' in things ? things : [...connections, ...things]
}

function restore(
  item: Extract<Command, { type: 'Restore' }>['item'],
  state: PipelineState,
): Changes {
  const kind = 'stepId' in item ? 'step' : 'noteId' in item ? 'note' : 'comment'
  const id = Object.values(item)[0] as string
  const thing = thingsOf(state, kind).get(id)
  if (!thing) return NOT_THERE
  return exists(thing)
    ? rejection('no-change', 'This is here already.')
    : [existenceChange(kind, id, 'restore')]
}

function removeAgain(
  { kind, id }: Extract<Command, { type: 'RemoveAgain' }>['thing'],
  state: PipelineState,
): Changes {
  const thing = thingsOf(state, kind).get(id)
  if (!thing) return NOT_THERE
  const isSettled = exists(thing) || editsWhileRemoved(thing, {}).next().done
  return isSettled
    ? rejection('no-change', 'This was settled already: look at it again.')
    : [existenceChange(kind, id, 'remove')]
}

function choose(
  { thing: { kind, id }, field, value }: Extract<Command, { type: 'ChooseValue' }>,
  state: PipelineState,
  actorId: ActorId,
): Changes {
  if (kind === 'pipeline') return write(state.pipeline, kind, field, value)
  const thing = thingsOf(state, kind).get(id)
  if (!thing || !exists(thing)) return NOT_THERE
  if (kind === 'comment' && field === 'body' && !isAuthor(thing, actorId)) return NOT_YOURS
  return write(thing, kind, field, value)
}
