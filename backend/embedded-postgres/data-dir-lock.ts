/**
 * One living Tributary per DATA_DIR, with nothing but a folder to agree by.
 *
 * Guarantees: two starts at the same moment, exactly one wins; the claim of a dead process never
 * stands in the way; a living one is never overtaken.
 *
 * Claims are numbered files in `tributary.lock/`, each made with O_EXCL, and the highest number
 * counts. Whoever finds the highest claim dead or released makes the next number: only one can.
 * The winner removes the lower ones. A latecomer that re-creates a removed low number sees, looking
 * again, that it is not the highest, and withdraws. One lock file would have to be removed before
 * it is made again, and between judging it dead and removing it another start may have replaced it.
 *
 * A holder is known by pid and start time. Its pid says nothing in another container or on another
 * machine, so the holder also touches its claim every second, and there that is what counts.
 */
import { open, readdir, readFile, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { unusableBecause } from './data-dir.ts'
import { systemErrorCode } from './embedded-postgres-error.ts'
import { processRealm, processStart } from './process-start.ts'
import { waitUntil } from './wait-until.ts'

const HEARTBEAT_MS = 1_000
/** Five heartbeats: a busy machine may be late with a few. */
const FOREIGN_WATCH_MS = 5_000
/** A claim is written right after it is made; one that stays empty was cut off there. */
const WRITING_MS = 500

interface Holder {
  readonly pid: number
  readonly started: string
  readonly realm: string
}

type Claim = Holder | 'released' | 'broken'

export interface DataDirLock {
  /** The last holder died without releasing it. */
  readonly afterCrash: boolean
  release(): Promise<void>
}

/** Another living Tributary holds the folder. */
export class DataDirInUse extends Error {
  readonly pid: number
  readonly code = 'data-dir-in-use'

  constructor(dataDir: string, pid: number, elsewhere: boolean) {
    super(
      `DATA_DIR ${dataDir} is in use by another Tributary (process ${pid}` +
        `${elsewhere ? ' in another container or on another machine' : ''}). ` +
        'Stop that one first, or give this one a folder of its own with DATA_DIR.',
    )
    this.name = 'DataDirInUse'
    this.pid = pid
  }
}

/**
 * @param dir the folder of claims, which exists
 * @param dataDir for the sentence of the error
 * @param onLost called once if the claim disappears under us: another machine took us for dead, or
 *   somebody deleted DATA_DIR
 * @throws DataDirInUse; EmbeddedPostgresError data-dir-unusable
 */
export async function lockDataDir(
  dir: string,
  dataDir: string,
  onLost: () => void,
): Promise<DataDirLock> {
  const realm = await processRealm()
  const started = (await processStart(process.pid)) ?? ''
  const own: Holder = { pid: process.pid, started, realm }
  for (;;) {
    const last = await highestClaim(dir)
    const claim = last === 0 ? 'released' : await readClaim(dir, last)
    if (claim === null) continue
    if (await lives(claim, realm, join(dir, String(last)))) {
      throw new DataDirInUse(dataDir, (claim as Holder).pid, (claim as Holder).realm !== realm)
    }
    const mine = join(dir, String(last + 1))
    if (!(await makeClaim(mine, own, dataDir))) continue
    if ((await highestClaim(dir)) === last + 1) {
      await removeBelow(dir, last + 1)
      return hold(mine, claim !== 'released', onLost)
    }
    await rm(mine, { force: true })
  }
}

/** The pid of the living process of this machine that holds the folder, or null. */
export async function lockHolder(dir: string): Promise<number | null> {
  const last = await highestClaim(dir)
  const claim = last === 0 ? null : await readClaim(dir, last)
  if (claim === null || typeof claim === 'string') return null
  if (claim.realm !== (await processRealm())) return null
  return (await processStart(claim.pid)) === claim.started ? claim.pid : null
}

async function lives(claim: Claim, realm: string, path: string): Promise<boolean> {
  if (typeof claim === 'string') return false
  if (claim.realm === realm) return (await processStart(claim.pid)) === claim.started
  const touched = async () => (await stat(path).catch(() => null))?.mtimeMs
  const before = await touched()
  return waitUntil(async () => (await touched()) !== before, FOREIGN_WATCH_MS)
}

async function highestClaim(dir: string): Promise<number> {
  const names = await readdir(dir).catch((error: unknown) => {
    if (systemErrorCode(error) === 'ENOENT') return []
    throw unusableBecause(dir, error)
  })
  return Math.max(0, ...names.map(Number).filter(Number.isSafeInteger))
}

/** @returns null when the claim has been removed meanwhile */
async function readClaim(dir: string, number: number): Promise<Claim | null> {
  let text: string | null = ''
  await waitUntil(async () => {
    text = await readFile(join(dir, String(number)), 'utf8').catch(() => null)
    return text === null || text.endsWith('\n')
  }, WRITING_MS)
  if (text === null) return null
  try {
    const value: unknown = JSON.parse(text)
    return value === 'released' || isHolder(value) ? value : 'broken'
  } catch {
    return 'broken'
  }
}

function isHolder(value: unknown): value is Holder {
  if (typeof value !== 'object' || value === null) return false
  const { pid, started, realm } = value as Partial<Record<keyof Holder, unknown>>
  return Number.isSafeInteger(pid) && typeof started === 'string' && typeof realm === 'string'
}

/** @returns false when somebody else made that claim first */
async function makeClaim(path: string, own: Holder, dataDir: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600)
    await file.writeFile(`${JSON.stringify(own)}\n`)
    await file.close()
    return true
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false
    throw unusableBecause(dataDir, error)
  }
}

async function removeBelow(dir: string, number: number): Promise<void> {
  const lower = (await readdir(dir)).filter((name) => Number(name) < number)
  await Promise.all(lower.map((name) => rm(join(dir, name), { force: true })))
}

function hold(path: string, afterCrash: boolean, onLost: () => void): DataDirLock {
  const heartbeat = setInterval(() => {
    const now = new Date()
    utimes(path, now, now).catch((error: unknown) => {
      if (systemErrorCode(error) !== 'ENOENT') return
      clearInterval(heartbeat)
      onLost()
    })
  }, HEARTBEAT_MS).unref()
  return {
    afterCrash,
    async release() {
      clearInterval(heartbeat)
      await giveBack(path)
    },
  }
}

/** The number stays taken, see above: a claim is given back by saying so, if it is still there. */
async function giveBack(path: string): Promise<void> {
  const file = await open(path, 'r+').catch(() => null)
  if (file === null) return
  try {
    await file.truncate()
    await file.writeFile('"released"\n')
  } finally {
    await file.close()
  }
}
