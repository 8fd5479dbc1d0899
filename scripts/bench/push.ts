/**
 * Edits pushed over sockets and acknowledged, end to end (token, admission, hash chain, commit),
 * against plain multi-row INSERTs of as many events on the same Postgres in the same run.
 *
 * The server is the real program in a process of its own; eight devices push batches of 100.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { io, type Socket } from 'socket.io-client'
import { findRunningPostgres } from '../../backend/embedded-postgres/embedded-postgres.ts'
import type { PipelineEvent } from '../../domain/events/event.ts'
import type { ActorId, PipelineId, TeamId } from '../../domain/ids.ts'
import {
  PROTOCOL_VERSION,
  SYNC_NAMESPACE,
  type ClientToServer,
  type ServerToClient,
} from '../../domain/protocol/messages.ts'
import { openBareInsert } from './bare-insert.ts'
import { makeEvents } from './edits.ts'
import { median } from './median.ts'

const DEVICES = 8
const BATCH = 100
const ROUNDS = 5
/** Pushes of one device in one round. */
const PUSHES = 30
const PROGRAM = fileURLToPath(new URL('../start.ts', import.meta.url))

export interface PushBench {
  /** Median events per second pushed and acknowledged. */
  readonly acknowledged: number
  /** Median events per second by plain INSERTs. */
  readonly inserted: number
  /** Each round's acknowledged / inserted. */
  readonly ratios: readonly number[]
}

/** Starts the product in a folder of its own, measures, and leaves nothing behind. */
export async function benchPush(): Promise<PushBench> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tributary-bench-'))
  const server = spawn(process.execPath, ['--import=tsx', PROGRAM, '--skip-build'], {
    env: { ...process.env, PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'error', DATABASE_URL: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const url = await addressOf(server.stdout)
    return await measure(url, dataDir)
  } finally {
    const ended = once(server, 'exit')
    if (server.exitCode === null) {
      server.kill('SIGTERM')
      await ended
    }
    await rm(dataDir, { recursive: true, force: true })
  }
}

async function addressOf(stdout: NodeJS.ReadableStream): Promise<string> {
  let said = ''
  for await (const text of stdout) {
    said += String(text)
    const address = /http:\S+/.exec(said)?.[0]
    if (address) return address
  }
  throw new Error(`The server did not start: ${said}`)
}

async function measure(url: string, dataDir: string): Promise<PushBench> {
  const person = await signUp(url)
  const postgres = await findRunningPostgres(dataDir)
  const bare = await openBareInsert(postgres!.databaseUrl, DEVICES, BATCH)
  const devices = await Promise.all(Array.from({ length: DEVICES }, () => connect(url, person)))
  const rounds: { acknowledged: number; inserted: number }[] = []
  try {
    await pushRound(devices, person, 3)
    await insertRound(bare.write, 3)
    for (let i = 0; i < ROUNDS; i++) {
      await bare.checkpoint()
      const acknowledged = await pushRound(devices, person, PUSHES)
      await bare.checkpoint()
      rounds.push({ acknowledged, inserted: await insertRound(bare.write, PUSHES) })
    }
  } finally {
    for (const device of devices) device.disconnect()
    await bare.close()
  }
  return {
    acknowledged: median(rounds.map(({ acknowledged }) => acknowledged)),
    inserted: median(rounds.map(({ inserted }) => inserted)),
    ratios: rounds.map(({ acknowledged, inserted }) => acknowledged / inserted),
  }
}

interface Person {
  readonly token: string
  readonly userId: ActorId
  readonly teamId: TeamId
}

async function signUp(url: string): Promise<Person> {
  const response = await fetch(`${url}/api/auth/signup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      name: 'Bench',
      email: 'bench@example.org',
      password: `${randomUUID()}`,
    }),
  })
  if (!response.ok) throw new Error(await response.text())
  const { token, user, teams } = (await response.json()) as {
    token: string
    user: { id: ActorId }
    teams: { id: TeamId }[]
  }
  return { token, userId: user.id, teamId: teams[0]!.id }
}

type Device = Socket<ServerToClient, ClientToServer>

async function connect(url: string, { token }: Person): Promise<Device> {
  const replicaId = randomUUID().replaceAll('-', '').slice(0, 12)
  const socket: Device = io(url + SYNC_NAMESPACE, {
    auth: { token, replicaId, protocol: PROTOCOL_VERSION },
    transports: ['websocket'],
    forceNew: true,
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('connect_error', reject)
  })
  return socket
}

/** Events per second acknowledged while each device fills a pipeline of its own. */
async function pushRound(
  devices: readonly Device[],
  person: Person,
  pushes: number,
): Promise<number> {
  const work = devices.map((device) => {
    const pipelineId = randomUUID() as PipelineId
    return { device, pipelineId, events: pipelineOf(person, pipelineId, pushes * BATCH) }
  })
  const startedAt = performance.now()
  await Promise.all(
    work.map(async ({ device, pipelineId, events }) => {
      for (let from = 0; from < events.length; from += BATCH) {
        const batch = events.slice(from, from + BATCH)
        const answer = await device.emitWithAck('push', { pipelineId, events: batch })
        if (!answer.ok) throw new Error(`${answer.code}: ${answer.message}`)
      }
    }),
  )
  return (devices.length * pushes * BATCH * 1000) / (performance.now() - startedAt)
}

/** A pipeline with one step, and edits of that step. */
function pipelineOf(person: Person, pipelineId: PipelineId, count: number): PipelineEvent[] {
  const stepId = randomUUID()
  return makeEvents(pipelineId, count).map((event, i) => {
    const clock = { [event.replicaId]: event.seq }
    const own = { ...event, clock, actorId: person.userId }
    if (i === 0) {
      const payload = { name: 'Bench', teamId: person.teamId }
      return { ...own, type: 'PipelineCreated', payload }
    }
    if (i === 1) {
      const payload = { stepId, kind: 'code', name: 'Step', placement: { x: 0, y: 0 }, config: {} }
      return { ...own, type: 'StepAdded', payload }
    }
    return { ...own, payload: { ...(event.payload as object), stepId } }
  })
}

async function insertRound(
  write: Awaited<ReturnType<typeof openBareInsert>>['write'],
  pushes: number,
): Promise<number> {
  const work = Array.from({ length: DEVICES }, () => {
    const pipelineId = randomUUID() as PipelineId
    return { pipelineId, events: makeEvents(pipelineId, pushes * BATCH) }
  })
  const startedAt = performance.now()
  await Promise.all(
    work.map(async ({ pipelineId, events }) => {
      for (let from = 0; from < events.length; from += BATCH) {
        await write(pipelineId, from, events.slice(from, from + BATCH))
      }
    }),
  )
  return (DEVICES * pushes * BATCH * 1000) / (performance.now() - startedAt)
}
