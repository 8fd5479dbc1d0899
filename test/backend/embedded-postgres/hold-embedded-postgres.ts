/**
 * A Tributary in small, as a process of its own: starts the embedded Postgres of a folder, says as
 * JSON lines what happens, and stops it when told so on stdin. Arguments: DATA_DIR, and what it does
 * on SIGINT and SIGTERM ('stop' after a moment, or 'exit' at once without stopping).
 */
import { createInterface } from 'node:readline'
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../../../backend/embedded-postgres/embedded-postgres.ts'

const [dataDir = '', onSignal = 'stop'] = process.argv.slice(2)
const say = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`)

let postgres: EmbeddedPostgres | null = null
const stop = async () => {
  await postgres?.stop()
  say({ event: 'stopped' })
  process.exit(0)
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    say({ event: 'signal', signal })
    if (onSignal === 'exit') process.exit(1)
  })
}
createInterface({ input: process.stdin }).on('line', (line) => {
  if (line === 'stop') void stop()
  if (line === 'exit') process.exit(0)
})

try {
  postgres = await startEmbeddedPostgres({ dataDir, log: (line) => say({ event: 'log', line }) })
  const { databaseUrl, firstStart, recovered } = postgres
  say({ event: 'ready', databaseUrl, firstStart, recovered })
} catch (error) {
  const { name, code, pid, message } = error as Error & { code?: string; pid?: number }
  say({ event: 'refused', name, code, pid, message })
  process.exit(2)
}
