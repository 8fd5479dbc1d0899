/** The whole server on a free port, with a database of its own, and the people who call it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { readConfig } from '../../../backend/config/config.ts'
import { startServer } from '../../../backend/server.ts'
import type { Role } from '../../../domain/team/roles.ts'
import { testDatabase, type TestDatabase } from '../../support/postgres.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The parsed body; null where there is none or it is not JSON. */
  // The tests look into bodies of every form.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any
}

export interface Call {
  readonly token?: string | undefined
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent as it is, as JSON by its header. */
  readonly raw?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface Caller {
  readonly token: string
  readonly userId: string
  readonly email: string
}

export const PASSWORD = 'correct horse battery staple'

export class TestServer {
  readonly url: string
  readonly databaseUrl: string
  /** Every line that the server logged. */
  readonly logged: string[]
  private readonly end: () => Promise<void>
  private people = 0

  constructor(url: string, databaseUrl: string, logged: string[], end: () => Promise<void>) {
    this.url = url
    this.databaseUrl = databaseUrl
    this.logged = logged
    this.end = end
  }

  async call(method: string, path: string, call: Call = {}): Promise<Answer> {
    const content = call.raw ?? (call.body === undefined ? undefined : JSON.stringify(call.body))
    const response = await fetch(`${this.url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(content !== undefined && { 'content-type': 'application/json' }),
        ...(call.token !== undefined && { authorization: `Bearer ${call.token}` }),
        ...call.headers,
      },
      ...(content !== undefined && { body: content }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, body: parsed(text) }
  }

  get(path: string, token?: string): Promise<Answer> {
    return this.call('GET', path, { token })
  }

  post(path: string, body?: unknown, token?: string): Promise<Answer> {
    return this.call('POST', path, { body, token })
  }

  /** Signs somebody new up; the first one founds the team. */
  async signUp(invitation?: string, name = 'Somebody'): Promise<Caller & { teamId: string }> {
    const email = `person${++this.people}@example.org`
    const form = { name, email, password: PASSWORD, ...(invitation && { invitation }) }
    const { status, body, text } = await this.post('/api/auth/signup', form)
    if (status !== 201) throw new Error(text)
    return { token: body.token, userId: body.user.id, email, teamId: body.teams[0].id }
  }

  /** An invitation's token. */
  async invite(by: Caller, teamId: string, role: Role, email?: string): Promise<string> {
    const invitation = { role, ...(email && { email }) }
    const answer = await this.post(`/api/teams/${teamId}/invitations`, invitation, by.token)
    if (answer.status !== 201) throw new Error(answer.text)
    return answer.body.token
  }

  /** Invites somebody new, who signs up with it. */
  async member(owner: Caller & { teamId: string }, role: Role): Promise<Caller> {
    return this.signUp(await this.invite(owner, owner.teamId, role), `A ${role}`)
  }

  stop(): Promise<void> {
    return this.end()
  }
}

export interface TestServerOptions {
  readonly env?: NodeJS.ProcessEnv
  /** The database of another server, which is kept when this one stops. */
  readonly databaseUrl?: string
}

export async function startTestServer({
  env = {},
  databaseUrl,
}: TestServerOptions = {}): Promise<TestServer> {
  const database: TestDatabase = databaseUrl
    ? { url: databaseUrl, drop: () => Promise.resolve() }
    : await testDatabase()
  const dataDir = await mkdtemp(join(tmpdir(), 'tributary-http-'))
  const logged: string[] = []
  const logger = pino({ level: 'debug' }, { write: (line) => void logged.push(line) })
  const config = readConfig({ PORT: '0', DATABASE_URL: database.url, DATA_DIR: dataDir, ...env })
  const server = await startServer(config, logger)
  return new TestServer(`http://127.0.0.1:${server.port}`, database.url, logged, async () => {
    await server.stop()
    await rm(dataDir, { recursive: true, force: true })
    await database.drop()
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
