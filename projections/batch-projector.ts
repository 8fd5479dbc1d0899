/**
 * Turns batches of the log into changes of rows, and has them written with their checkpoint.
 *
 * The tables hold exactly the rows of the state at their checkpoint, so what a pipeline's rows were
 * before a batch is computed, not read: fold to the batch, make the rows, fold on, make them again,
 * and write the difference. Teams and people are small and change rarely: their rows are replaced.
 * A stream whose fold throws becomes a fault and keeps the rows it had; the others go on.
 */
import type { StoredEvent } from '../domain/events/event.ts'
import { isPipelineEvent, streamOf } from '../domain/events/event.ts'
import {
  accountStream,
  type ActorId,
  type Position,
  type StreamId,
  type TeamId,
} from '../domain/ids.ts'
import { LogUnavailable } from '../domain/log/event-log.ts'
import { readTeamChange } from '../domain/team/team-events.ts'
import type { AccountState, TeamState } from '../domain/team/team.ts'
import { FoldCache, type StreamReader } from './fold-cache.ts'
import type { PipelineFold } from './pipeline-fold.ts'
import type {
  Fault,
  LiveProjectionStore,
  ProjectionCheckpoint,
  StreamChanges,
} from './projection-store.ts'
import {
  READ_MODELS_VERSION,
  rowsOfPerson,
  rowsOfPipeline,
  rowsOfTeam,
  type RowsByTable,
} from './read-models.ts'
import { diffRows, type RowChanges } from './row-changes.ts'
import { accountKind, pipelineKind, readStreamName, teamKind } from './stream-kinds.ts'

interface ProjectedRows {
  readonly revision: number
  readonly rows: RowsByTable
}

type Memberships = Map<ActorId, Set<TeamId>>

export class BatchProjector {
  private readonly store: LiveProjectionStore
  private readonly onFault: (fault: Fault) => void
  private readonly pipelines: FoldCache<PipelineFold>
  private readonly teams: FoldCache<TeamState>
  private readonly accounts: FoldCache<AccountState>
  /** The rows of a cached fold, as of the revision at which they were made. */
  private readonly projected = new WeakMap<PipelineFold, ProjectedRows>()
  private readonly faulty = new Set<StreamId>()
  private at: ProjectionCheckpoint

  constructor(
    log: StreamReader,
    store: LiveProjectionStore,
    at: ProjectionCheckpoint,
    onFault: (fault: Fault) => void,
  ) {
    this.store = store
    this.at = at
    this.onFault = onFault
    this.pipelines = new FoldCache(log, pipelineKind)
    this.teams = new FoldCache(log, teamKind)
    this.accounts = new FoldCache(log, accountKind)
  }

  /** Writes what a page of the log changes; events that were projected before are passed over. */
  async project(page: readonly StoredEvent[]): Promise<void> {
    const fresh = page.filter(({ position }) => position > this.at.position)
    const last = fresh.at(-1)
    if (!last) return
    const to = { position: last.position, hash: last.hash, version: READ_MODELS_VERSION }
    const streams: StreamChanges[] = []
    const faults: Fault[] = []
    const people: Memberships = new Map()
    for (const [streamId, events] of byStream(fresh)) {
      if (this.faulty.has(streamId)) continue
      await this.attempt(streamId, to.position, faults, async () => {
        const changes = await this.changesOf(streamId, events, people)
        if (changes.length > 0) streams.push({ streamId, changes })
      })
    }
    streams.push(...(await this.changesOfPeople(people, to.position, faults)))
    await this.write(to, streams, faults, [])
  }

  /** Tries the streams at fault again, for this program may be able to project them. */
  async heal(): Promise<void> {
    const { position } = this.at
    for (const { streamId } of await this.store.faults()) {
      const people: Memberships = new Map()
      const faults: Fault[] = []
      const streams: StreamChanges[] = []
      await this.attempt(streamId, position, faults, async () => {
        streams.push({ streamId, changes: await this.wholeStream(streamId, position, people) })
      })
      streams.push(...(await this.changesOfPeople(people, position, faults)))
      await this.write(this.at, streams, faults, [streamId])
    }
  }

  private async write(
    to: ProjectionCheckpoint,
    streams: readonly StreamChanges[],
    faults: readonly Fault[],
    healed: readonly StreamId[],
  ): Promise<void> {
    const all = await this.store.write({ from: this.at.position, to, streams, faults, healed })
    this.at = to
    for (const fault of all) {
      this.faulty.add(fault.streamId)
      this.onFault(fault)
    }
  }

  private async attempt(
    streamId: StreamId,
    position: Position,
    faults: Fault[],
    work: () => Promise<void>,
  ): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (error instanceof LogUnavailable) throw error
      const message = error instanceof Error ? error.message : String(error)
      faults.push({ streamId, position, message, error })
    }
  }

  private async changesOf(
    streamId: StreamId,
    events: readonly StoredEvent[],
    people: Memberships,
  ): Promise<RowChanges[]> {
    const name = readStreamName(streamId)
    const before = { revision: events[0]!.revision - 1 }
    switch (name?.kind) {
      case 'pipeline':
        return this.changesOfPipeline(streamId, events)
      case 'team':
        await this.teams.at(streamId, before)
        for (const userId of events.flatMap(memberIn)) join(people, userId, name.id)
        return replaced(rowsOfTeam(this.teams.advance(streamId, events)), name.id)
      case 'account':
        join(people, name.id)
        return []
      default:
        return []
    }
  }

  private async changesOfPipeline(
    streamId: StreamId,
    events: readonly StoredEvent[],
  ): Promise<RowChanges[]> {
    const revision = events[0]!.revision - 1
    const fold = await this.pipelines.at(streamId, { revision })
    const known = this.projected.get(fold)
    const before = known?.revision === revision ? known.rows : rowsOfPipeline(fold)
    const advanced = this.pipelines.advance(streamId, events)
    const after = rowsOfPipeline(advanced)
    this.projected.set(advanced, { revision: advanced.revision, rows: after })
    return Array.from(after, ([table, rows]) =>
      diffRows(table, before.get(table) ?? [], rows),
    ).filter((changes) => changes !== null)
  }

  /** All rows of a stream, in place of whatever the tables hold. */
  private async wholeStream(
    streamId: StreamId,
    position: Position,
    people: Memberships,
  ): Promise<RowChanges[]> {
    const name = readStreamName(streamId)
    switch (name?.kind) {
      case 'pipeline':
        return replaced(rowsOfPipeline(await this.pipelines.at(streamId, { position })), name.id)
      case 'team': {
        const team = await this.teams.at(streamId, { position })
        for (const userId of team.members.keys()) join(people, userId, name.id)
        return replaced(rowsOfTeam(team), name.id)
      }
      case 'account':
        join(people, name.id)
        return []
      default:
        return []
    }
  }

  private async changesOfPeople(
    people: Memberships,
    position: Position,
    faults: Fault[],
  ): Promise<StreamChanges[]> {
    if (people.size === 0) return []
    const known = await this.store.teamsOf([...people.keys()])
    const streams: StreamChanges[] = []
    for (const [id, joined] of people) {
      const streamId = accountStream(id)
      await this.attempt(streamId, position, faults, async () => {
        const account = await this.accounts.at(streamId, { position })
        const teamIds = new Set([...(known.get(id) ?? []), ...joined])
        const rows = rowsOfPerson({ account, teamIds })
        streams.push({ streamId, changes: replaced(rows, id) })
      })
    }
    return streams
  }
}

function byStream(events: readonly StoredEvent[]): Map<StreamId, StoredEvent[]> {
  const streams = new Map<StreamId, StoredEvent[]>()
  for (const stored of events) {
    const streamId = streamOf(stored.event)
    const before = streams.get(streamId)
    if (before) before.push(stored)
    else streams.set(streamId, [stored])
  }
  return streams
}

function replaced(rows: RowsByTable, replacedScope: string): RowChanges[] {
  return Array.from(rows, ([table, inserted]) => ({
    table,
    inserted,
    updated: [],
    deleted: [],
    replacedScope,
  }))
}

/** The person that an event of a team is about. */
function memberIn({ event }: StoredEvent): ActorId[] {
  const change = isPipelineEvent(event) ? null : readTeamChange(event)
  return change && 'userId' in change.payload ? [change.payload.userId] : []
}

function join(people: Memberships, userId: ActorId, teamId?: TeamId): void {
  const teams = people.get(userId) ?? new Set()
  people.set(userId, teamId ? teams.add(teamId) : teams)
}
