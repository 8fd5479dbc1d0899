/** Random logs: several pipelines with several devices each, teams and people, appended in turns. */
import fc from 'fast-check'
import { accountStream, teamStream, type StreamId } from '../../domain/ids.ts'
import type {
  ActorId,
  EventId,
  IntentId,
  PipelineId,
  ReplicaId,
  TeamId,
  VersionId,
} from '../../domain/ids.ts'
import { streamOf, type LogEvent, type PipelineEvent } from '../../domain/events/event.ts'
import type { EventLog } from '../../domain/log/event-log.ts'
import { evolveAll } from '../../domain/pipeline/evolve.ts'
import { stampChanges } from '../../domain/pipeline/stamp.ts'
import { initialState, vectorOf } from '../../domain/pipeline/state.ts'
import { moves, play, type Move } from '../domain/pipeline/histories.ts'
import { EVENTS_START_MS, namedUuid } from '../support/events.ts'

/** Appends in order, each to one stream. */
export type Story = readonly (readonly LogEvent[])[]

export const teamId = (n: number) => namedUuid('team', n) as TeamId
export const personId = (n: number) => namedUuid('actor', n) as ActorId
export const pipelineIdOf = (n: number) => namedUuid('pipeline', n) as PipelineId

type ServerChange = readonly [stream: StreamId, type: string, payload: object]

const teams = fc.nat(1).map(teamId)
const people = fc.nat(3).map(personId)
const names = fc.constantFrom('Ada', 'Grace', 'Linus')
const roles = fc.constantFrom('viewer', 'editor', 'owner')

const serverChange: fc.Arbitrary<ServerChange> = fc.oneof(
  fc
    .record({ team: teams, userId: people, role: roles })
    .map(({ team, ...member }): ServerChange => [teamStream(team), 'MemberJoined', member]),
  fc
    .record({ team: teams, userId: people })
    .map(({ team, userId }): ServerChange => [teamStream(team), 'MemberRemoved', { userId }]),
  fc
    .record({ team: teams, name: names })
    .map(({ team, name }): ServerChange => [teamStream(team), 'TeamRenamed', { name }]),
  fc
    .record({ person: people, name: names })
    .map(({ person, name }): ServerChange => [accountStream(person), 'AccountChanged', { name }]),
)

const foundation: readonly ServerChange[] = [
  [teamStream(teamId(0)), 'TeamCreated', { name: 'Left' }],
  [teamStream(teamId(1)), 'TeamCreated', { name: 'Right' }],
  [accountStream(personId(0)), 'AccountCreated', { name: 'Zero', avatarUrl: 'https://a.test/0' }],
  [teamStream(teamId(0)), 'MemberJoined', { userId: personId(0), role: 'owner' }],
]

export const stories: fc.Arbitrary<Story> = fc
  .record({
    scripts: fc.array(moves, { minLength: 1, maxLength: 3 }),
    server: fc.array(serverChange, { maxLength: 20 }),
    cuts: fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
    turns: fc.infiniteStream(fc.nat(99)),
  })
  .map(({ scripts, server, cuts, turns }) => {
    const streams = [
      ...scripts.map((script, n) => pipelineEventsOf(n, script)),
      ...serverEvents([...foundation, ...server]),
    ]
    return inTurns(
      streams,
      () => cuts.next().value,
      () => turns.next().value,
    )
  })

/** One of many stories, always the same one, in which a lot happens. */
export function longStory(seed: number): Story {
  const told = fc.sample(stories, { numRuns: 30, seed })
  return told.reduce((longest, story) => (story.length > longest.length ? story : longest))
}

/** A script's events as those of the nth pipeline: gestures of three events, and a version at the end. */
export function pipelineEventsOf(n: number, script: readonly Move[]): PipelineEvent[] {
  const pipelineId = pipelineIdOf(n)
  const events = play(script).map((event, at): PipelineEvent => ({
    ...event,
    pipelineId,
    id: namedUuid('event', n, at) as EventId,
    intentId: namedUuid('intent', n, Math.floor(at / 3)) as IntentId,
    ...(event.type === 'PipelineCreated' && {
      payload: { name: 'p', teamId: teamId(n % 2), graphRule: 'acyclic' },
    }),
  }))
  const state = evolveAll(initialState(pipelineId), events)
  const seen = { pipelineId, vector: vectorOf(state), greatestHlc: state.greatestHlc }
  const tags = [0, 1].map((version) => ({
    type: 'VersionTagged' as const,
    payload: {
      versionId: namedUuid('version', n, version) as VersionId,
      label: `v${version}`,
      cut: seen.vector,
    },
  }))
  const tagged = stampChanges(tags, seen, {
    actorId: personId(3),
    replicaId: 'tagger000000' as ReplicaId,
    intentId: namedUuid('intent', n, 'tags') as IntentId,
    now: EVENTS_START_MS,
    newEventId: () => crypto.randomUUID() as EventId,
  })
  return [...events, ...tagged]
}

/** Events of teams and accounts, by stream. */
export function serverEvents(changes: readonly ServerChange[]): LogEvent[][] {
  const streams = new Map<StreamId, LogEvent[]>()
  for (const [streamId, type, payload] of changes) {
    const events = streams.get(streamId) ?? []
    streams.set(streamId, events)
    const id = namedUuid('event', streamId, events.length) as EventId
    events.push({ id, type, schema: 1, streamId, actorId: personId(0), payload })
  }
  return [...streams.values()]
}

function inTurns(
  streams: readonly (readonly LogEvent[])[],
  cut: () => number,
  turn: () => number,
): LogEvent[][] {
  const waiting = streams.map((events) => [...events])
  const appends: LogEvent[][] = []
  for (;;) {
    const open = waiting.filter((events) => events.length > 0)
    if (open.length === 0) return appends
    appends.push(open[turn() % open.length]!.splice(0, cut()))
  }
}

/** Appends a story's events, each append after what its stream has. */
export async function tell(log: EventLog, story: Story): Promise<void> {
  for (const events of story) {
    const streamId = streamOf(events[0]!)
    const { revision } = await log.streamHead(streamId)
    const result = await log.append({ streamId, expectedRevision: revision, events })
    if (!result.ok) throw new Error(`the story does not fit the log: ${result.reason}`)
  }
}
