/**
 * Makes the read models again from the log: folds every stream from its start, collects the rows
 * that there should be, and writes the differences in one transaction, so that whoever follows the
 * tables sees nothing but what was wrong.
 *
 * A rebuild of everything goes to the log's head. A rebuild of a part goes to the checkpoint, for
 * the part must fit the rest.
 */
import { streamOf } from '../domain/events/event.ts'
import {
  accountStream,
  pipelineStream,
  type ActorId,
  type PipelineId,
  type Position,
  type StreamId,
  type TeamId,
} from '../domain/ids.ts'
import { LogUnavailable, type EventLog } from '../domain/log/event-log.ts'
import { foldStream, type StreamKind } from './fold-cache.ts'
import { isInHistory, OtherHistory } from './log-history.ts'
import {
  RowsRefused,
  type Fault,
  type ProjectionCheckpoint,
  type ProjectionStore,
  type RowCounts,
} from './projection-store.ts'
import type { Row, Table } from './read-model.ts'
import {
  READ_MODELS_VERSION,
  readModels,
  rowsOfPerson,
  rowsOfPipeline,
  rowsOfTeam,
  tablesOf,
  type RowsByTable,
} from './read-models.ts'
import { accountKind, pipelineKind, readStreamName, teamKind } from './stream-kinds.ts'

export interface RebuildProgress {
  readonly phase: 'reading' | 'folding' | 'writing'
  /** Events. */
  readonly done: number
  readonly total: number
}

export interface RebuildOptions {
  readonly log: EventLog
  /** Of a lease: nobody else may write meanwhile. */
  readonly store: ProjectionStore
  /** The name of the only table to rebuild. */
  readonly only?: string
  readonly pipelineId?: PipelineId
  readonly onProgress?: (progress: RebuildProgress) => void
}

export interface RebuildReport {
  /** Where the rebuilt tables are. */
  readonly position: Position
  readonly streams: number
  readonly events: number
  /** For each table, the rows that were wrong. */
  readonly tables: readonly RowCounts[]
  /** Streams that could not be folded; their rows were left as they were. */
  readonly faults: readonly Fault[]
}

/** A rebuild that was asked for and cannot be; the message says what to ask for instead. */
export class RebuildRefused extends Error {
  readonly code: 'unknown-table' | 'unknown-pipeline' | 'not-built'
  constructor(code: RebuildRefused['code'], message: string) {
    super(message)
    this.name = 'RebuildRefused'
    this.code = code
  }
}

/** @throws RebuildRefused, and OtherHistory for a part of tables that another log made */
export async function rebuild(options: RebuildOptions): Promise<RebuildReport> {
  const { log, store, only, pipelineId, onProgress = () => undefined } = options
  const tables = chosenTables(only, pipelineId)
  const isPartial = tables.length < readModels.length
  const before = await store.checkpoint()
  if (isPartial) await checkBuilt(log, before)

  const upTo = isPartial ? before.position : await log.head()
  const { streams, hash } = pipelineId
    ? await streamOfPipeline(log, pipelineId)
    : await streamsUpTo(log, upTo, onProgress)
  const collecting = new Collecting(log, store, tables, upTo)
  await store.collect(tables)
  await collecting.collect(streams, onProgress)

  const events = sum(streams.values())
  onProgress({ phase: 'writing', done: events, total: events })
  const checkpoint = { position: upTo, hash, version: READ_MODELS_VERSION }
  const known = await store.faults()
  const counts = await store.replace({
    tables: collecting.complete(),
    exceptScopes: collecting.scopesAtFault(),
    faults: collecting.faults,
    healed: only ? [] : known.map(({ streamId }) => streamId).filter((id) => streams.has(id)),
    ...(pipelineId && { scope: pipelineId }),
    ...(!isPartial && { checkpoint }),
  })
  const { faults } = collecting
  return { position: upTo, streams: streams.size, events, tables: counts, faults }
}

function chosenTables(
  only: string | undefined,
  pipelineId: PipelineId | undefined,
): readonly Table[] {
  const offered = pipelineId ? tablesOf.pipeline : readModels
  if (only === undefined) return offered
  const table = offered.find((model) => model.table === only)
  if (table) return [table]
  const names = offered.map((model) => model.table).join(', ')
  throw new RebuildRefused(
    'unknown-table',
    `${only} is no read model${pipelineId ? ' of a pipeline' : ''}. Choose one of ${names}.`,
  )
}

async function checkBuilt(log: EventLog, checkpoint: ProjectionCheckpoint): Promise<void> {
  if (checkpoint.version !== READ_MODELS_VERSION) {
    throw new RebuildRefused(
      'not-built',
      'The read models were never built, or by another version of Tributary. ' +
        'Rebuild all of them: leave out --only and --pipeline.',
    )
  }
  if (!(await isInHistory(log, checkpoint))) throw new OtherHistory(checkpoint.position)
}

type EventCounts = ReadonlyMap<StreamId, number>

async function streamOfPipeline(log: EventLog, pipelineId: PipelineId) {
  const streamId = pipelineStream(pipelineId)
  const { revision, hash } = await log.streamHead(streamId)
  if (revision > 0) return { streams: new Map([[streamId, revision]]), hash }
  throw new RebuildRefused(
    'unknown-pipeline',
    `There is no pipeline ${pipelineId} in the log. Check its id: it is part of the editor's address.`,
  )
}

/** Every stream with its number of events up to a position, and the hash of the event there. */
async function streamsUpTo(
  log: EventLog,
  upTo: Position,
  onProgress: (progress: RebuildProgress) => void,
): Promise<{ streams: EventCounts; hash: string }> {
  const streams = new Map<StreamId, number>()
  let at = 0 as Position
  let hash = ''
  while (at < upTo) {
    const page = await log.readAll(at, Math.min(PAGE, upTo - at))
    const last = page.at(-1)
    if (!last) throw new LogUnavailable(`The log ends at ${at}, before its head of ${upTo}.`)
    for (const { event } of page) {
      streams.set(streamOf(event), (streams.get(streamOf(event)) ?? 0) + 1)
    }
    ;({ position: at, hash } = last)
    onProgress({ phase: 'reading', done: at, total: upTo })
  }
  return { streams, hash }
}

/** Events per read of the log. */
const PAGE = 1_000

/** Folds streams and collects their rows; a stream that cannot be folded is put aside. */
class Collecting {
  readonly faults: Fault[] = []
  private readonly log: EventLog
  private readonly store: ProjectionStore
  private readonly tables: ReadonlySet<Table>
  private readonly upTo: Position
  private readonly teamsOf = new Map<ActorId, Set<TeamId>>()

  constructor(log: EventLog, store: ProjectionStore, tables: readonly Table[], upTo: Position) {
    this.log = log
    this.store = store
    this.tables = new Set(tables)
    this.upTo = upTo
  }

  async collect(
    streams: EventCounts,
    onProgress: (progress: RebuildProgress) => void,
  ): Promise<void> {
    const needsPeople = this.has('account')
    const total = sum(streams.values())
    let done = 0
    for (const [streamId, events] of streams) {
      const name = readStreamName(streamId)
      if (name?.kind === 'pipeline' && this.has('pipeline')) {
        await this.fold(pipelineKind, streamId, rowsOfPipeline)
      }
      if (name?.kind === 'team' && (this.has('team') || needsPeople)) {
        await this.fold(teamKind, streamId, (team) => {
          for (const userId of team.members.keys()) this.join(userId, team.id)
          return rowsOfTeam(team)
        })
      }
      done += events
      onProgress({ phase: 'folding', done, total })
    }
    if (!needsPeople) return
    for (const [userId, teamIds] of this.teamsOf) {
      await this.fold(accountKind, accountStream(userId), (account) =>
        rowsOfPerson({ account, teamIds }),
      )
    }
  }

  /** The tables whose rows are all known: a team that cannot be folded hides some of its people. */
  complete(): readonly Table[] {
    const hidesPeople = this.faults.some(
      ({ streamId }) => readStreamName(streamId)?.kind === 'team',
    )
    return [...this.tables].filter((table) => !hidesPeople || !tablesOf.account.includes(table))
  }

  scopesAtFault(): string[] {
    return this.faults.map(({ streamId }) => readStreamName(streamId)!.id)
  }

  private has(kind: keyof typeof tablesOf): boolean {
    return tablesOf[kind].some((table) => this.tables.has(table))
  }

  private join(userId: ActorId, teamId: TeamId): void {
    this.teamsOf.set(userId, (this.teamsOf.get(userId) ?? new Set()).add(teamId))
  }

  private async fold<Fold>(
    kind: StreamKind<Fold>,
    streamId: StreamId,
    rowsOf: (fold: Fold) => RowsByTable,
  ): Promise<void> {
    let rows: ReadonlyMap<Table, readonly Row[]>
    try {
      rows = rowsOf(await foldStream(this.log, kind, streamId, { position: this.upTo }))
    } catch (error) {
      if (error instanceof LogUnavailable) throw error
      this.putAside(streamId, error)
      return
    }
    try {
      for (const [table, tableRows] of rows) {
        if (this.tables.has(table)) await this.store.add(table, tableRows)
      }
    } catch (error) {
      if (!(error instanceof RowsRefused)) throw error
      this.putAside(streamId, error)
    }
  }

  private putAside(streamId: StreamId, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    this.faults.push({ streamId, position: this.upTo, message, error })
  }
}

function sum(numbers: Iterable<number>): number {
  let total = 0
  for (const number of numbers) total += number
  return total
}
