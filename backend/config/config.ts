/** The configuration of one process, checked as a whole before anything else starts. */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import type { z } from 'zod'
import { isLoopback } from './loopback.ts'
import { settings, type Setting } from './settings.ts'

type Settings = typeof settings
type ValueOf<T> =
  T extends Setting<infer S, infer Fallback>
    ? z.output<S> | (null extends Fallback ? null : never)
    : never

/** The value of every setting; null for one that is not set and has no default. */
export type Config = { readonly [K in keyof Settings]: ValueOf<Settings[K]> }

/** A wrong setting stops the start; the message has one line for each, which says what is allowed. */
export class ConfigError extends Error {
  constructor(lines: readonly string[]) {
    super(lines.join('\n'))
    this.name = 'ConfigError'
  }
}

/**
 * The environment with what the `.env` file of a folder adds; the environment wins.
 * @throws ConfigError where there is a file that cannot be read
 */
export function withEnvFile(env: NodeJS.ProcessEnv, folder: string): NodeJS.ProcessEnv {
  const path = join(folder, '.env')
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return env
    throw new ConfigError([`${path} cannot be read: ${(error as Error).message}.`])
  }
  return { ...parseEnv(text), ...env }
}

/**
 * Reads and checks every setting. A variable that is set to nothing counts as not set.
 * @throws ConfigError
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const wrong: string[] = []
  const values: Record<string, unknown> = {}
  for (const [key, setting] of Object.entries<AnySetting>(settings)) {
    const given = env[setting.variable]?.trim() || setting.fallback
    if (given === null) {
      values[key] = null
      continue
    }
    const parsed = setting.schema.safeParse(given)
    if (parsed.success) values[key] = parsed.data
    else wrong.push(refusal(setting, given, parsed.error.issues[0]!.message))
  }
  const config = values as unknown as Config
  if (wrong.length === 0) wrong.push(...contradictions(config))
  if (wrong.length > 0) throw new ConfigError(wrong)
  return { ...config, dataDir: resolve(config.dataDir) }
}

type AnySetting = Setting<z.ZodType<unknown, string>, string | null>

function refusal({ variable, about, secret }: AnySetting, given: string, allowed: string): string {
  const what = secret ? 'has a value that cannot be used' : `is ${JSON.stringify(given)}`
  return `${variable} (${about}) ${what}: it must be ${allowed}.`
}

/** Settings that are right by themselves and wrong together. */
function contradictions({ authMode, host, jwtSecret, jwksUrl }: Config): string[] {
  const lines: string[] = []
  if (authMode === 'insecure' && !isLoopback(host)) {
    lines.push(
      `AUTH_MODE is "insecure" and HOST is "${host}": without sign-in the server may listen on ` +
        'a loopback address only. Set HOST to 127.0.0.1, or AUTH_MODE to secure.',
    )
  }
  if (jwtSecret !== null && jwksUrl !== null) {
    lines.push(
      'JWT_SECRET and JWT_JWKS_URL are both set: tokens are checked by one or the other. ' +
        'Unset one of them.',
    )
  }
  return lines
}
