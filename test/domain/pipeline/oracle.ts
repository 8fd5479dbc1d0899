/**
 * The merge rules once more, slowly and separately: straight from a set of events to what is shown,
 * by the words of the rules, sharing no code with the product's fold.
 */
import type { PipelineEvent } from '../../../domain/events/event.ts'

type Json = unknown
interface Write {
  event: PipelineEvent
  value: Json
  absent: boolean
}
interface Thing {
  adds: PipelineEvent[]
  removals: PipelineEvent[]
  writes: Map<string, Write[]>
}
type Ends = { from: { stepId: string; port: string }; to: { stepId: string; port: string } }

export interface OracleView {
  pipeline: Record<string, Json>
  steps: Json[]
  connections: Json[]
  notes: Json[]
  comments: Json[]
  conflicts: Json[]
}

const saw = (e: PipelineEvent, w: PipelineEvent) => (e.clock[w.replicaId] ?? 0) >= w.seq
const t = (a: PipelineEvent, b: PipelineEvent) =>
  a.hlc.localeCompare(b.hlc, 'en') || a.replicaId.localeCompare(b.replicaId, 'en') || a.seq - b.seq
const sorted = (value: Json): Json =>
  Array.isArray(value)
    ? value.map(sorted)
    : value && typeof value === 'object'
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([k, v]) => [k, sorted(v)]),
        )
      : value
const text = (w: Write) => (w.absent ? 'absent' : JSON.stringify(sorted(w.value)))

/** What a set of events amounts to, whatever order they are given in. */
export function oracleView(events: readonly PipelineEvent[]): OracleView {
  const unique = [...new Map(events.map((event) => [event.id, event])).values()]
  const things = new Map<string, Thing>()
  const thing = (key: string): Thing => {
    const found = things.get(key) ?? { adds: [], removals: [], writes: new Map() }
    things.set(key, found)
    return found
  }
  const write = (key: string, field: string, event: PipelineEvent, value: Json, absent = false) => {
    const { writes } = thing(key)
    writes.set(field, [...(writes.get(field) ?? []), { event, value, absent }])
  }
  for (const event of unique) read(event, thing, write)

  const held = (all: Write[]) =>
    all.filter((w) => !all.some((other) => other !== w && saw(other.event, w.event)))
  const ranked = (all: Write[]) => held(all).sort((a, b) => t(b.event, a.event))
  const value = (found: Thing | undefined, field: string, fallback: Json) => {
    const top = ranked(found?.writes.get(field) ?? [])[0]
    return !top || top.absent ? fallback : top.value
  }
  const alive = (found: Thing | undefined) =>
    found?.adds.some((add) => !found.removals.some((r) => saw(r, add))) ?? false
  const ofKind = (kind: string) =>
    [...things]
      .filter(([key]) => key.startsWith(`${kind}:`))
      .map(([key, found]) => [key.slice(kind.length + 1), found] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1))
  const living = (kind: string) => ofKind(kind).filter(([, found]) => alive(found))

  const pipeline = things.get('pipeline:')
  const rule = value(pipeline, 'graphRule', 'acyclic')
  const graph = effective(ofKind('connection'), things, alive, rule === 'acyclic')
  const conflicts = [
    ...conflictsIn('', {}, pipeline),
    ...['step', 'note', 'comment'].flatMap((kind) =>
      ofKind(kind).flatMap(([id, found]) => conflictsIn(kind, { [`${kind}Id`]: id }, found)),
    ),
    ...graph
      .filter((c) => c.status === 'suspended')
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map((c) => ({ kind: 'suspended-connection', connection: c.ends, blockedBy: c.blockedBy })),
  ]

  function conflictsIn(kind: string, where: object, found: Thing | undefined): Json[] {
    const there = kind === '' || alive(found)
    const result: Json[] = []
    const fields = [...(found?.writes ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))
    for (const [field, all] of fields) {
      if (['placement', 'size', 'teamId'].includes(field)) continue
      const top = ranked(all)
      const shown = there
        ? new Set(top.map(text)).size > 1
          ? top
          : []
        : found!.removals.length > 0
          ? top.filter((w) => !found!.removals.some((r) => saw(r, w.event)))
          : []
      if (shown.length === 0) continue
      const values = shown.map((w) => ({
        ...(w.absent ? {} : { value: w.value }),
        actorId: w.event.actorId,
        replicaId: w.event.replicaId,
        hlc: w.event.hlc,
      }))
      result.push({ kind: there ? 'field' : 'edited-while-removed', ...where, field, values })
    }
    return result
  }

  return {
    pipeline: {
      name: value(pipeline, 'name', ''),
      description: value(pipeline, 'description', ''),
      graphRule: rule,
      status: value(pipeline, 'archived', false) ? 'archived' : 'active',
    },
    steps: living('step').map(([id, found]) => ({
      id,
      kind: value(found, 'kind', ''),
      name: value(found, 'name', ''),
      placement: value(found, 'placement', { x: 0, y: 0 }),
      enabled: value(found, 'enabled', true),
      config: Object.fromEntries(
        [...found.writes.keys()]
          .filter((field) => field.startsWith('config.'))
          .map((field) => [field.slice(7), value(found, field, undefined)])
          .filter(([, v]) => v !== undefined),
      ),
    })),
    connections: graph
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map(({ ends, status, blockedBy }) => ({ ...ends, status, ...(blockedBy && { blockedBy }) })),
    notes: living('note').map(([id, found]) => ({
      id,
      text: value(found, 'text', ''),
      placement: value(found, 'placement', null),
      size: value(found, 'size', null),
    })),
    comments: living('comment').map(([id, found]) => ({
      id,
      body: value(found, 'body', ''),
      resolved: value(found, 'resolved', false),
    })),
    conflicts,
  }
}

function read(
  event: PipelineEvent,
  thing: (key: string) => Thing,
  write: (key: string, field: string, event: PipelineEvent, value: Json, absent?: boolean) => void,
): void {
  const p = event.payload as Record<string, Json>
  const [, noun = '', verb = ''] = /^(Step|Note|Comment)([A-Z].*)$/.exec(event.type) ?? []
  const key = `${noun.toLowerCase()}:${String(p[`${noun.toLowerCase()}Id`])}`
  if (event.type === 'StepsConnected' || event.type === 'StepsDisconnected') {
    const { from, to } = event.payload as Ends
    const id = JSON.stringify([from.stepId, from.port, to.stepId, to.port])
    const connection = thing(`connection:${id}`)
    connection[event.type === 'StepsConnected' ? 'adds' : 'removals'].push(event)
  } else if (event.type === 'PipelineCreated') {
    write('pipeline:', 'name', event, p['name'])
    write('pipeline:', 'description', event, p['description'] ?? '')
    write('pipeline:', 'graphRule', event, p['graphRule'] ?? 'acyclic')
  } else if (event.type === 'PipelineRenamed') write('pipeline:', 'name', event, p['name'])
  else if (event.type === 'PipelineDescribed')
    write('pipeline:', 'description', event, p['description'])
  else if (event.type === 'PipelineGraphRuleSet')
    write('pipeline:', 'graphRule', event, p['graphRule'])
  else if (event.type === 'PipelineArchived') write('pipeline:', 'archived', event, true)
  else if (event.type === 'PipelineUnarchived') write('pipeline:', 'archived', event, false)
  else if (verb === 'Removed') thing(key).removals.push(event)
  else if (verb === 'Restored') thing(key).adds.push(event)
  else if (verb === 'Added') {
    thing(key).adds.push(event)
    for (const field of ['kind', 'name', 'placement', 'text', 'size', 'body']) {
      if (p[field] !== undefined) write(key, field, event, p[field])
    }
    if (noun === 'Comment' && p['stepId']) write(key, 'stepId', event, p['stepId'])
    if (noun === 'Comment' && p['replyTo']) write(key, 'replyTo', event, p['replyTo'])
    if (noun === 'Step') write(key, 'enabled', event, p['enabled'] ?? true)
    for (const [k, v] of Object.entries(p['config'] ?? {})) write(key, `config.${k}`, event, v)
  } else if (verb === 'Moved') write(key, 'placement', event, p['placement'])
  else if (verb === 'Resized') write(key, 'size', event, p['size'])
  else if (verb === 'Renamed') write(key, 'name', event, p['name'])
  else if (event.type === 'NoteEdited') write(key, 'text', event, p['text'])
  else if (event.type === 'CommentEdited') write(key, 'body', event, p['body'])
  else if (verb === 'Resolved') write(key, 'resolved', event, true)
  else if (verb === 'Reopened') write(key, 'resolved', event, false)
  else if (verb === 'Enabled') write(key, 'enabled', event, true)
  else if (verb === 'Disabled') write(key, 'enabled', event, false)
  else if (verb === 'Configured') write(key, `config.${String(p['key'])}`, event, p['value'])
  else if (verb === 'ConfigCleared') write(key, `config.${String(p['key'])}`, event, null, true)
}

interface Placed {
  key: string
  ends: Ends
  status: string
  blockedBy?: Ends[]
}

function effective(
  connections: (readonly [string, Thing])[],
  things: Map<string, Thing>,
  alive: (thing: Thing | undefined) => boolean,
  acyclic: boolean,
): Placed[] {
  const accepted: Ends[] = []
  return connections
    .filter(([, found]) => alive(found))
    .map(([key, found]) => ({
      key,
      ends: found.adds[0]!.payload as Ends,
      first: [...found.adds].sort(t)[0]!,
    }))
    .sort((a, b) => t(a.first, b.first))
    .map(({ key, ends }) => {
      const there = [ends.from, ends.to].every((end) => alive(things.get(`step:${end.stepId}`)))
      if (!there) return { key, ends, status: 'dangling' }
      const blockedBy = acyclic ? shortestPath(ends, accepted) : null
      if (blockedBy) return { key, ends, status: 'suspended', blockedBy }
      accepted.push(ends)
      return { key, ends, status: 'active' }
    })
}

/** Every path of growing length, in the order of T, until one leads back. */
function shortestPath({ from, to }: Ends, accepted: Ends[]): Ends[] | null {
  if (from.stepId === to.stepId) return []
  let paths: Ends[][] = accepted.filter((c) => c.from.stepId === to.stepId).map((c) => [c])
  for (let length = 1; length <= accepted.length && paths.length > 0; length++) {
    const found = paths.find((path) => path.at(-1)!.to.stepId === from.stepId)
    if (found) return found
    paths = paths
      .flatMap((path) =>
        accepted
          .filter((c) => c.from.stepId === path.at(-1)!.to.stepId)
          .map((next) => [...path, next]),
      )
      .slice(0, 20_000)
  }
  return null
}
