/** The server as a program: its words, its settings, its end. */
import { pino, type Logger } from 'pino'
import { readConfig, withEnvFile, type Config } from './config/config.ts'
import { helpText } from './config/help-text.ts'
import type { EndWanted } from './composition/ending.ts'
import { StartError } from './composition/start-error.ts'
import { startServer } from './server.ts'

export interface MainOptions {
  /** Ends the server; its reason is an EndWanted. */
  readonly ending: AbortSignal
  /** What has to be done before the server starts, once it is known that it may listen. */
  readonly prepare: () => Promise<void>
}

/**
 * Runs the server until somebody wants it to end, or it cannot go on, and ends the process then.
 * @param argv the words after the program's name
 * @throws what keeps it from starting: an error whose message says what to do
 */
export async function main(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  { ending, prepare }: MainOptions,
): Promise<void> {
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
  const ended = new Promise<null>((resolve) => {
    ending.addEventListener('abort', () => {
      logger.info((ending.reason as EndWanted).why)
      resolve(null)
    })
  })

  const server = await startServer(config, logger, { signal: ending, prepare })
  process.on('unhandledRejection', (reason) => {
    logger.error({ err: reason }, 'Something failed that nobody was waiting for.')
  })
  process.stdout.write(`Tributary is ready at ${server.url}\n`)

  const failure = await Promise.race([server.failed, ended])
  // A server without its database answers nobody; whoever watches over the process sees its end.
  if (failure) logger.fatal(failure.message)
  await server.stop()
  process.exit(failure ? 1 : 0)
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
