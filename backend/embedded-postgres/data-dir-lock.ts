/**
 * One living Tributary per DATA_DIR, with nothing but a folder to agree by.
 *
 * Guarantees, on one machine, whatever containers share the folder: two starts at the same moment,
 * exactly one wins; the claim of a dead process never stands in the way; a living one is never
 * overtaken, be it busy, stopped or frozen for hours, nor is a Postgres that outlived it.
 *
 * Claims are numbered files in `tributary.lock/`, each made with O_EXCL, and the highest number
 * counts. Whoever finds the highest claim dead or released makes the next number: only one can.
 * The winner removes the lower ones. A latecomer that re-creates a removed low number sees, looking
 * again, that it is not the highest, and withdraws. One lock file would have to be removed before
 * it is made again, and between judging it dead and removing it another start may have replaced it.
 * A claim is made empty and then written. One that stays empty was cut off there and is passed
 * over; should its maker go on after all, each of the two writes before it looks at the other
 * once more, so at least one sees the other and withdraws.
 *
 * Who lives: a holder of our own realm (process-start.ts) is known by pid and start time. A pid says
 * nothing in another container, so the holder also gives a life sign (life-sign.ts) that all
 * programs of Postgres inherit: from another realm the folder is taken only when no sign in it
 * lives, so living signs are always of the realm of the last holder, who can end their processes.
 *
 * Cannot: prove a death on another machine (a network folder, a virtual machine), or where the file
 * system has no sockets. There the holder's touching its claim every second is all there is, and a
 * holder that is silent for longer than we watch is overtaken. It finds out within a second of
 * going on, by its claim, and must end itself: for that second two may be at work.
 */
import { open, readdir, readFile, rm, stat, utimes, type FileHandle } from 'node:fs/promises'
import { uptime } from 'node:os'
import { join } from 'node:path'
import { unusableBecause } from './data-dir.ts'
import { systemErrorCode } from './embedded-postgres-error.ts'
import { giveLifeSign, readLifeSigns, type LifeSign } from './life-sign.ts'
import { bootOf, processRealm, processStart } from './process-start.ts'
import { waitUntil } from './wait-until.ts'

const HEARTBEAT_MS = 1_000
/** A claim last touched before this machine was started is most likely this machine's own. */
const REBOOTED_WATCH_MS = 5_000
/** Any other was touched by a machine that may be paused or busy. */
const FOREIGN_WATCH_MS = 60_000
/** A claim is written right after it is made; one that stays empty was cut off there. */
const WRITING_MS = 500

interface Holder {
  readonly pid: number
  readonly started: string
  readonly realm: string
  /** The name of its life sign; null where it could give none. */
  readonly sign: string | null
  readonly released: boolean
}

/** What stands in the folder. */
interface Standing {
  /** Of the highest claim; 0 when there is none. */
  readonly number: number
  /** Of the highest claim, as it was read. */
  readonly text: string | null
  /** Of the highest claim that can be read. */
  readonly holder: Holder | null
}

export interface DataDirLock {
  /** The last holder died without releasing it. */
  readonly afterCrash: boolean
  /** For every program that works in the folder: a descriptor that it must inherit, if any. */
  readonly inherit: number | null
  release(): Promise<void>
}

export interface LockOptions {
  /**
   * Called once if the claim disappears under us: another machine took us for dead, or somebody
   * deleted DATA_DIR.
   */
  readonly onLost: () => void
  /** Gets a sentence when there is a wait that somebody would wonder about. */
  readonly log?: (line: string) => void
  /** Ends a wait; it is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** Another living Tributary holds the folder. */
export class DataDirInUse extends Error {
  /** 0 when it is not known. */
  readonly pid: number
  readonly code = 'data-dir-in-use'

  constructor(dataDir: string, pid: number, elsewhere: boolean) {
    const which = pid > 0 ? `process ${pid}` : 'a process'
    super(
      elsewhere
        ? `DATA_DIR ${dataDir} is in use by another Tributary (${which} in another container or on ` +
            'another machine), or by the Postgres that it left there. Stop that one first, with ' +
            'its container, or give this one a folder of its own with DATA_DIR.'
        : `DATA_DIR ${dataDir} is in use by another Tributary (${which}). ` +
            'Stop that one first, or give this one a folder of its own with DATA_DIR.',
    )
    this.name = 'DataDirInUse'
    this.pid = pid
  }
}

/**
 * @param dir the folder of claims, which exists
 * @param dataDir for the sentence of the error
 * @throws DataDirInUse; EmbeddedPostgresError data-dir-unusable
 */
export async function lockDataDir(
  dir: string,
  dataDir: string,
  options: LockOptions,
): Promise<DataDirLock> {
  const realm = await processRealm()
  const started = (await processStart(process.pid)) ?? ''
  const own = { pid: process.pid, started, realm, released: false }
  for (;;) {
    const last = await lastStanding(dir)
    if (last === null) continue
    if (await isHeld(dir, last, realm, options)) {
      throw new DataDirInUse(dataDir, last.holder?.pid ?? 0, last.holder?.realm !== realm)
    }
    const lock = await claim(dir, last, own, options.onLost).catch((error: unknown) => {
      throw unusableBecause(dataDir, error)
    })
    if (lock !== null) return lock
  }
}

/** The pid of the living process of this realm that holds the folder, or null. */
export async function lockHolder(dir: string): Promise<number | null> {
  const holder = (await lastStanding(dir))?.holder ?? null
  if (holder === null || holder.released || holder.realm !== (await processRealm())) return null
  return (await processStart(holder.pid)) === holder.started ? holder.pid : null
}

async function isHeld(
  dir: string,
  { number, holder }: Standing,
  realm: string,
  { log, signal }: LockOptions,
): Promise<boolean> {
  if (holder?.realm === realm) {
    return !holder.released && (await processStart(holder.pid)) === holder.started
  }
  const { living, dead } = await readLifeSigns(dir)
  if (living.length > 0) return true
  if (holder === null || holder.released) return false
  const { sign } = holder
  if (sign !== null && dead.includes(sign) && bootOf(holder.realm) === bootOf(realm)) return false
  const path = join(dir, String(number))
  const touched = async () => (await stat(path).catch(() => null))?.mtimeMs
  const before = await touched()
  const patience = watchMs(before ?? 0, Date.now() - uptime() * 1_000)
  if (patience === FOREIGN_WATCH_MS) {
    log?.(
      'DATA_DIR was last used on another machine and not given back. It is taken over when ' +
        `nothing is heard from there for ${FOREIGN_WATCH_MS / 1_000} s.`,
    )
  }
  return waitUntil(async () => (await touched()) !== before, patience, signal)
}

/** How long a holder of another machine must be silent, by when it was last heard. */
export function watchMs(touchedMs: number, bootedMs: number): number {
  return touchedMs < bootedMs ? REBOOTED_WATCH_MS : FOREIGN_WATCH_MS
}

/** @returns null when the highest claim has been removed while we were looking */
async function lastStanding(dir: string): Promise<Standing | null> {
  const [number = 0, ...lower] = await claimsIn(dir)
  if (number === 0) return { number, text: null, holder: null }
  let text = await readClaim(dir, number)
  await waitUntil(async () => {
    text = await readClaim(dir, number)
    return text === null || text.endsWith('\n')
  }, WRITING_MS)
  if (text === null) return null
  let holder = parseClaim(text)
  for (const below of lower) holder ??= parseClaim((await readClaim(dir, below)) ?? '')
  return { number, text, holder }
}

/** The numbers, the highest first. */
async function claimsIn(dir: string): Promise<number[]> {
  const names = await readdir(dir).catch((error: unknown) => {
    if (systemErrorCode(error) === 'ENOENT') return []
    throw unusableBecause(dir, error)
  })
  const numbers = names.map(Number).filter((number) => Number.isSafeInteger(number) && number > 0)
  return numbers.sort((a, b) => b - a)
}

async function readClaim(dir: string, number: number): Promise<string | null> {
  return readFile(join(dir, String(number)), 'utf8').catch((error: unknown) => {
    if (systemErrorCode(error) === 'ENOENT') return null
    throw unusableBecause(dir, error)
  })
}

function parseClaim(text: string): Holder | null {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return null
    const { pid, started, realm, sign, released } = value as Partial<Record<keyof Holder, unknown>>
    if (typeof pid !== 'number' || typeof started !== 'string' || typeof realm !== 'string') {
      return null
    }
    const name = typeof sign === 'string' ? sign : null
    return { pid, started, realm, sign: name, released: released === true }
  } catch {
    return null
  }
}

/** @returns null when somebody else was faster */
async function claim(
  dir: string,
  last: Standing,
  own: Omit<Holder, 'sign'>,
  onLost: () => void,
): Promise<DataDirLock | null> {
  const number = last.number + 1
  const path = join(dir, String(number))
  const file = await makeNew(path)
  if (file === null) return null
  let sign: LifeSign | null = null
  let lock: DataDirLock | null = null
  try {
    sign = await giveLifeSign(dir)
    const holder: Holder = { ...own, sign: sign?.name ?? null }
    const text = `${JSON.stringify(holder)}\n`
    await file.writeFile(text)
    const [highest] = await claimsIn(dir)
    const won = highest === number && (await readClaim(dir, last.number)) === last.text
    if (!won) return null
    await removeBelow(dir, number)
    const afterCrash = last.number > 0 && parseClaim(last.text ?? '')?.released !== true
    return (lock = hold({ path, text, holder, sign, afterCrash, onLost }))
  } finally {
    await file.close()
    if (lock === null) {
      await sign?.close()
      await rm(path, { force: true })
    }
  }
}

async function makeNew(path: string): Promise<FileHandle | null> {
  return open(path, 'wx', 0o600).catch((error: unknown) => {
    if (systemErrorCode(error) === 'EEXIST') return null
    throw error
  })
}

/** The sign of a Postgres that outlived its Tributary stays until it has ended. */
async function removeBelow(dir: string, number: number): Promise<void> {
  const lower = (await claimsIn(dir)).filter((other) => other < number)
  await Promise.all(lower.map((other) => rm(join(dir, String(other)), { force: true })))
  const { dead } = await readLifeSigns(dir)
  await Promise.all(dead.map((name) => rm(join(dir, name), { force: true })))
}

interface Held {
  readonly path: string
  /** Of our claim, as long as it is ours. */
  readonly text: string
  readonly holder: Holder
  readonly sign: LifeSign | null
  readonly afterCrash: boolean
  readonly onLost: () => void
}

function hold({ path, text, holder, sign, afterCrash, onLost }: Held): DataDirLock {
  // In a folder that was deleted and made again, the same number may be somebody else's by now.
  const isOurs = async () => (await readFile(path, 'utf8')) === text
  const beat = async () => {
    const now = new Date()
    try {
      if (await isOurs()) return await utimes(path, now, now)
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') return
    }
    clearInterval(heartbeat)
    onLost()
  }
  const heartbeat = setInterval(() => void beat(), HEARTBEAT_MS).unref()
  return {
    afterCrash,
    inherit: sign?.fd ?? null,
    async release() {
      clearInterval(heartbeat)
      if (await isOurs().catch(() => false)) await giveBack(path, holder)
      await sign?.close()
    },
  }
}

/** The number stays taken, see above: a claim is given back by saying so. */
async function giveBack(path: string, holder: Holder): Promise<void> {
  const file = await open(path, 'r+').catch(() => null)
  if (file === null) return
  try {
    await file.truncate()
    await file.writeFile(`${JSON.stringify({ ...holder, released: true })}\n`)
  } finally {
    await file.close()
  }
}
