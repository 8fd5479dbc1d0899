import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What a running Postgres writes into its data folder about itself. */
export interface PostmasterFile {
  readonly pid: number
  /** null for as long as it has not opened its port. */
  readonly port: number | null
  /** 'starting', 'ready', 'stopping' …; '' for as long as none is written. */
  readonly status: string
}

export const POSTMASTER_FILE = 'postmaster.pid'

/** @returns null when there is none, or it is cut off before the pid */
export async function readPostmasterFile(cluster: string): Promise<PostmasterFile | null> {
  const text = await readFile(join(cluster, POSTMASTER_FILE), 'utf8').catch(() => '')
  const lines = text.split('\n').map((line) => line.trim())
  // A negative pid is the single-user server of an initialisation.
  const pid = Math.abs(Number.parseInt(lines[0] ?? '', 10))
  if (!(pid > 0)) return null
  return { pid, port: Number.parseInt(lines[3] ?? '', 10) || null, status: lines[7] ?? '' }
}
