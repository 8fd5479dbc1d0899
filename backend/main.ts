/** The server as a program: its words, its settings, its signals. */
import { pino, type Logger } from 'pino'
import { readConfig, withEnvFile, type Config } from './config/config.ts'
import { helpText } from './config/help-text.ts'
import { startServer, type RunningServer } from './server.ts'
import { StartError } from './composition/start-error.ts'

/**
 * Runs the server until a signal ends it, or it cannot go on.
 * @param argv the words after the program's name
 * @throws what keeps it from starting: an error whose message says what to do
 */
export async function main(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  if (argv.some((word) => word === '--help' || word === '-h')) {
    process.stdout.write(helpText())
    return
  }
  const [unknown] = argv
  if (unknown !== undefined) {
    throw new StartError(
      `There is no ${unknown} here. Settings come from the environment; see --help.`,
    )
  }
  const config = readConfig(withEnvFile(env, process.cwd()))
  const logger = createLogger(config)
  const starting = new AbortController()
  let server: RunningServer | null = null
  let ending = false

  async function end(signal: NodeJS.Signals): Promise<void> {
    // Whoever asks again does not want to wait.
    if (ending) process.exit(1)
    ending = true
    logger.info({ signal }, 'Stopping.')
    starting.abort(new StartError('Stopped before the start was over.'))
    await server?.stop()
    if (server) process.exit(0)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => void end(signal))
  }

  server = await startServer(config, logger, { signal: starting.signal })
  process.on('unhandledRejection', (reason) => {
    logger.error({ err: reason }, 'Something failed that nobody was waiting for.')
  })
  process.stdout.write(`Tributary is ready at ${server.url}\n`)

  const { message } = await server.failed
  // A server without its database answers nobody; whoever watches over the process sees its end.
  if (ending) return
  ending = true
  logger.fatal(message)
  await server.stop()
  process.exit(1)
}

/** Lines of JSON on stderr, so that stdout keeps what a person should read. */
function createLogger({ logLevel }: Config): Logger {
  return pino(
    { level: logLevel, base: null, serializers: { err: errorForLog, error: errorForLog } },
    pino.destination(2),
  )
}

/** Of an error only what is ours to write: drivers hang the values of rows on theirs. */
export function errorForLog(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) }
  const { name, message, stack, code } = error as Error & { code?: unknown }
  return { name, message, code, stack }
}
