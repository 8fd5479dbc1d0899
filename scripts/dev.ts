/**
 * `npm run dev`: the server, restarted when its sources change, behind Vite's dev server, which
 * serves the editor with hot reloading. One address to open; one Ctrl-C ends both.
 */
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { endGroup, startGroup } from './process-group.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
/** What the server answers; everything else is the editor's. */
const SERVER_PATHS = ['/api', '/v1', '/socket.io', '/healthz', '/readyz', '/metrics']
/** A first start makes a database cluster, which takes some seconds. */
const READY_WITHIN_MS = 60_000

new Command('npm run dev --')
  .description(
    'Runs the server and the editor for development: PORT is the server, the next free one the page.',
  )
  .parse()

process.chdir(ROOT)
try {
  process.loadEnvFile('.env')
} catch {
  // Without a .env file the defaults and the environment hold.
}
const port = Number(process.env['PORT'] || 3000)
const host = process.env['HOST'] || '127.0.0.1'
const server = `http://${host}:${port}`

const backend = startGroup(
  process.execPath,
  ['--watch', '--watch-preserve-output', '--import=tsx', 'scripts/start.ts', '--skip-build'],
  { stdio: ['ignore', 'inherit', 'inherit'] },
)

const { createServer } = await import('vite')
const vite = await createServer({
  root: fileURLToPath(new URL('../frontend', import.meta.url)),
  configFile: fileURLToPath(new URL('../frontend/vite.config.ts', import.meta.url)),
  server: {
    host,
    port: port + 1,
    proxy: Object.fromEntries(
      SERVER_PATHS.map((path) => [path, { target: server, ws: path === '/socket.io' }]),
    ),
  },
})
await vite.listen()

let ending = false
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => void end(0))
}
backend.once('exit', () => void end(1))

if (await serverAnswers()) console.log(`\nOpen ${vite.resolvedUrls?.local[0]}\n`)

async function serverAnswers(): Promise<boolean> {
  const giveUpAt = Date.now() + READY_WITHIN_MS
  while (!ending && Date.now() < giveUpAt) {
    const answer = await fetch(`${server}/healthz`).catch(() => null)
    if (answer?.ok) return true
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  if (!ending) console.error(`The server does not answer on ${server}; see its message above.`)
  return false
}

async function end(code: number): Promise<void> {
  if (ending) return
  ending = true
  await Promise.all([vite.close(), endGroup(backend, 15_000)])
  process.exit(code)
}
