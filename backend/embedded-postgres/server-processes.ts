import { execFile } from 'node:child_process'
import { readdir, readFile, stat } from 'node:fs/promises'
import { platform } from 'node:os'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * The cluster_name of the server on this folder. Postgres shows it in the command line of each of
 * its processes, where root without CAP_SYS_PTRACE (as in a container) can read it too; their
 * working folders, which would tell the same, are closed to it. Device and inode name the folder
 * whatever path leads to it, and a copy of the folder is another one.
 */
export async function clusterName(cluster: string): Promise<string> {
  const { dev, ino } = await stat(cluster, { bigint: true })
  return `tributary-${dev.toString(16)}-${ino.toString(16)}`
}

/** The pids of all living Postgres processes on the cluster, the postmaster among them. */
export async function serverProcesses(name: string): Promise<number[]> {
  const commands = platform() === 'linux' ? await commandsFromProc() : await commandsFromPs()
  return commands.filter(({ line }) => isServer(line, name)).map(({ pid }) => pid)
}

interface Command {
  readonly pid: number
  /** The words of the command line, with a space after each. */
  readonly line: string
}

/** A zombie has no command line any more, so it does not count as living. */
async function commandsFromProc(): Promise<Command[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))
  return Promise.all(
    pids.map(async (pid) => {
      const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      return { pid: Number(pid), line: line.replaceAll('\0', ' ') }
    }),
  )
}

/** On Windows nothing is listed: there the tools of Postgres find the server themselves. */
async function commandsFromPs(): Promise<Command[]> {
  if (platform() === 'win32') return []
  const { stdout } = await run('ps', ['-axww', '-o', 'pid=,command='], { maxBuffer: 64 << 20 })
  return stdout.split('\n').map((row) => {
    const [, pid, line] = /^ *(\d+) (.*)$/.exec(row) ?? []
    return { pid: Number(pid), line: `${line} ` }
  })
}

/** `…/postgres … cluster_name=NAME` is a postmaster, `postgres: NAME: …` one of its children. */
function isServer(line: string, name: string): boolean {
  if (line.startsWith(`postgres: ${name}: `)) return true
  return line.includes('/postgres ') && line.includes(` cluster_name=${name} `)
}
