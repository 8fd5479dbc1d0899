/** The real program in a process of its own, with its own data and embedded Postgres. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findRunningPostgres } from '../../backend/embedded-postgres/embedded-postgres.ts'

const PROGRAM = fileURLToPath(new URL('../../scripts/start.ts', import.meta.url))

export interface Product {
  readonly url: string
  /** Starts it again after `stop` or `kill`, on the same port and data. */
  start(): Promise<void>
  stop(): Promise<void>
  /** Ends it as a power cut would: kill -9, of the program alone. */
  kill(): Promise<void>
  databaseUrl(): Promise<string>
  /** Stops it and removes its data. */
  remove(): Promise<void>
}

/** @param settings of the program, by their names in the environment */
export async function startProduct(
  settings: Readonly<Record<string, string>> = {},
): Promise<Product> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tributary-product-'))
  const port = await freePort()
  let running: ChildProcess | null = null

  async function start(): Promise<void> {
    const child = spawn(process.execPath, ['--import=tsx', PROGRAM, '--skip-build'], {
      env: {
        ...process.env,
        PORT: String(port),
        DATA_DIR: dataDir,
        DATABASE_URL: '',
        LOG_LEVEL: 'warn',
        ...settings,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    running = child
    let said = ''
    child.stderr.on('data', (text) => (said += String(text)))
    for await (const text of child.stdout) {
      said += String(text)
      if (said.includes('is ready at')) break
    }
    if (!said.includes('is ready at')) throw new Error(`The product did not start:\n${said}`)
    // Its further words are read, so that a full pipe never stops it.
    child.stdout.resume()
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const child = running
    running = null
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }

  await start()
  return {
    url: `http://localhost:${port}`,
    start,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    async databaseUrl() {
      const found = await findRunningPostgres(dataDir)
      if (!found) throw new Error('The embedded Postgres is not running.')
      return found.databaseUrl
    },
    async remove() {
      await end('SIGTERM')
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
