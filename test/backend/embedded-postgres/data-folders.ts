import { cpSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '../../../backend/embedded-postgres/embedded-postgres.ts'
import {
  clusterName,
  serverProcesses,
} from '../../../backend/embedded-postgres/server-processes.ts'
import { waitUntil } from '../../../backend/embedded-postgres/wait-until.ts'

const folders: string[] = []
let template: Promise<string> | null = null

// Outside of every `describe`: a hook of the whole process.
after('remove the template of a cluster', async () => {
  const folder = await template
  template = null
  if (folder) await rm(folder, { recursive: true, force: true })
})

/** A new folder of mode 0700, removed by `removeFolders`. */
export async function newFolder(parent = tmpdir()): Promise<string> {
  const folder = await mkdtemp(join(parent, 'tributary-data-'))
  folders.push(folder)
  return folder
}

/** A new folder that every account can enter, outside of a temporary folder that may be closed. */
export async function newOpenFolder(): Promise<string> {
  const folder = await newFolder('/tmp')
  await chmod(folder, 0o755)
  return folder
}

/**
 * Puts a cluster that was stopped cleanly into the data folder, like one restored from a backup;
 * making it anew for each test takes seconds.
 */
export async function copyCluster(dataDir: string): Promise<void> {
  template ??= makeTemplate()
  cpSync(await template, dataDir, { recursive: true })
}

async function makeTemplate(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tributary-template-'))
  await (await startEmbeddedPostgres({ dataDir: folder, log: console.error })).stop()
  return folder
}

export async function serversOn(dataDir: string): Promise<number[]> {
  const name = await clusterName(join(dataDir, 'postgres')).catch(() => null)
  return name === null ? [] : serverProcesses(name)
}

/** Kills every Postgres process on the folder. */
export async function killServers(dataDir: string): Promise<void> {
  for (const pid of await serversOn(dataDir)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended together with one before it.
    }
  }
  await waitUntil(async () => (await serversOn(dataDir)).length === 0, 5_000)
}

/** For after each test: ends what still runs on the folders, and removes them. */
export async function removeFolders(): Promise<void> {
  for (const folder of folders.splice(0)) {
    for (const dataDir of [folder, join(folder, 'data')]) await killServers(dataDir)
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
