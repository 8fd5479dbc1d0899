import { copyFile, open, readFile, stat, truncate } from 'node:fs/promises'

/** Some weeks of quiet running; it is moved aside at a start that finds it larger. */
const KEPT_AT_START = 1024 * 1024
/** What a server that complains without end may fill: twice this, with the part moved aside. */
const KEPT_WHILE_RUNNING = 16 * 1024 * 1024
const CHECK_MS = 60_000

/** Moves a log that has grown to `<log>.1`, whose former content goes. */
export async function rotateLog(path: string, limit = KEPT_AT_START): Promise<void> {
  const found = await stat(path).catch(() => null)
  if (found === null || found.size <= limit) return
  // Copied and cut, not renamed: the server keeps writing into the file that it has open.
  await copyFile(path, `${path}.1`)
  await truncate(path)
}

/** Bounds the log of a running server. @returns what ends the watch */
export function boundLog(path: string): () => void {
  const timer = setInterval(() => {
    rotateLog(path, KEPT_WHILE_RUNNING).catch(() => undefined)
  }, CHECK_MS).unref()
  return () => clearInterval(timer)
}

/** Opened for appending, so that writing goes on at the start once it is cut. */
export async function openLog(path: string) {
  return open(path, 'a', 0o600)
}

/** The lines in which Postgres said since `offset` why it cannot go on; else its last line. */
export async function reasonInLog(path: string, offset: number): Promise<string> {
  const text = (await readFile(path).catch(() => Buffer.alloc(0))).subarray(offset).toString('utf8')
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const reasons = lines.filter((line) => /\b(FATAL|PANIC|HINT): /.test(line))
  return (reasons.length > 0 ? reasons.slice(-3) : lines.slice(-1))
    .map((line) => line.replace(/^.*?\b(?:FATAL|PANIC|HINT): +/, ''))
    .join(' ')
}
