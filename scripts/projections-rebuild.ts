/** `npm run projections:rebuild`: makes the read models again from the log. */
import { Command } from 'commander'
import { readConfig, withEnvFile, type Config } from '../backend/config/config.ts'
import { createPostgresLog } from '../backend/log/postgres/postgres-log.ts'
import { openPool } from '../backend/postgres/open-pool.ts'
import { isUuid, type PipelineId } from '../domain/ids.ts'
import { demandLease } from '../projections/postgres/projection-lease.ts'
import { projectionMigrations } from '../projections/postgres/migrations.ts'
import { rebuild, type RebuildReport } from '../projections/rebuild.ts'
import { connect } from './connection.ts'
import { showProgress } from './progress.ts'

interface Options {
  readonly only?: string
  readonly pipeline?: string
  readonly json?: boolean
}

const options = new Command('npm run projections:rebuild --')
  .description(
    'Makes the tables of the read side again from the event log, and writes only what differs. ' +
      'A running Tributary goes on; its projector pauses meanwhile.',
  )
  .option('--only <table>', 'one table, such as steps')
  .option('--pipeline <id>', "one pipeline's rows")
  .option('--json', 'print one JSON object instead of text')
  .addHelpText(
    'after',
    '\nUses DATABASE_URL where it is set, else the embedded Postgres of DATA_DIR, which it starts ' +
      'and stops\nwhere it is not running. Ends with 0 only when every stream was rebuilt.',
  )
  .parse()
  .opts<Options>()

const say = (line: string) => void process.stderr.write(`${line}\n`)
const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () =>
    interrupted.abort(new Error('Interrupted. Run it again to be sure of the tables.')),
  )
}

try {
  const report = await run(readConfig(withEnvFile(process.env, process.cwd())), options)
  const faults = report.faults.map(({ streamId, message }) => ({ streamId, message }))
  process.stdout.write(options.json ? `${JSON.stringify({ ...report, faults })}\n` : text(report))
  process.exitCode = faults.length === 0 ? 0 : 1
} catch (error) {
  const { code, message } = error as Error & { code?: unknown }
  if (options.json) process.stdout.write(`${JSON.stringify({ error: { code, message } })}\n`)
  else say(message)
  process.exitCode = 1
}

async function run(config: Config, { only, pipeline }: Options): Promise<RebuildReport> {
  if (config.eventStoreUrl !== null) {
    throw new Error('EVENT_STORE_URL cannot be used here yet. Unset it to rebuild from Postgres.')
  }
  const pipelineId = pipeline?.toLowerCase()
  if (pipelineId !== undefined && !isUuid(pipelineId)) {
    throw new Error(`--pipeline ${pipeline} is no id of a pipeline: it must be a uuid.`)
  }
  const { signal } = interrupted
  const closing: (() => Promise<void>)[] = []
  try {
    const connection = await connect({ config, log: say, signal })
    closing.push(connection.close)
    const { databaseUrl } = connection
    const log = await createPostgresLog({ databaseUrl, now: Date.now })
    closing.push(log.close)
    const database = await openPool({
      databaseUrl,
      name: 'tributary rebuild',
      max: 1,
      statementMs: 0,
      migrations: projectionMigrations,
      onError: () => undefined,
    })
    closing.push(() => database.end())
    const onWait = () => say('Waiting for the projector to pause.')
    const lease = await demandLease(database, { onWait, signal })
    // Without its connection the rebuild fails, and what it was writing is rolled back.
    signal.addEventListener('abort', lease.release)
    if (signal.aborted) lease.release()
    closing.push(async () => lease.release())
    const progress = showProgress('events')
    closing.push(async () => progress.end())
    return await rebuild({
      log,
      store: lease.store,
      onProgress: ({ phase, done, total }) => progress.update(phase, done, total),
      ...(only !== undefined && { only }),
      ...(pipelineId !== undefined && { pipelineId: pipelineId as PipelineId }),
    })
  } catch (error) {
    signal.throwIfAborted()
    throw error
  } finally {
    for (const close of closing.reverse()) await close()
  }
}

function text({ position, streams, events, tables, faults }: RebuildReport): string {
  const wrong = tables.filter(({ inserted, updated, deleted }) => inserted + updated + deleted > 0)
  const lines = [
    `Rebuilt ${tables.length} tables from ${events} events of ${streams} streams, ` +
      `as of position ${position}.`,
    ...wrong.map(
      ({ table, inserted, updated, deleted }) =>
        `  ${table}: ${inserted} rows were missing, ${updated} were wrong, ${deleted} were too many`,
    ),
    ...(wrong.length === 0 ? ['  Every row was right.'] : []),
    ...faults.map(({ streamId, message }) => `  ${streamId} could not be rebuilt: ${message}`),
  ]
  return `${lines.join('\n')}\n`
}
