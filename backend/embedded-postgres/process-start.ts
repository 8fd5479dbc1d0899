import { execFile } from 'node:child_process'
import { readFile, readlink } from 'node:fs/promises'
import { hostname, platform } from 'node:os'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * When the process was started, in the words of the system. Together with the pid it names one
 * process for good: a pid alone is given to another process sooner or later.
 * @returns null when no such process lives; a zombie does not live
 */
export async function processStart(pid: number): Promise<string | null> {
  try {
    if (platform() === 'linux') return startFromProc(await readFile(`/proc/${pid}/stat`, 'utf8'))
    const { stdout } =
      platform() === 'win32'
        ? await run('powershell', [
            '-NoProfile',
            '-Command',
            `(Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`,
          ])
        : await run('ps', ['-o', 'lstart=', '-p', String(pid)])
    return stdout.trim() || null
  } catch {
    return null
  }
}

/** Field 2 is the program's name in parentheses and may hold anything, so we count from its end. */
function startFromProc(stat: string): string | null {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, startTicks] = [fields[0], fields[19]]
  return state === 'Z' || state === 'X' ? null : (startTicks ?? null)
}

/**
 * Where the pids of this process mean something: this boot of this machine and, on Linux, this
 * pid namespace, since two containers on one volume cannot see each other's processes.
 */
export async function processRealm(): Promise<string> {
  if (platform() !== 'linux') return hostname()
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8')
  return `${boot.trim()} ${await readlink('/proc/self/ns/pid')}`
}

/** Two realms with the same are on one machine, and one kernel. */
export function bootOf(realm: string): string {
  return realm.split(' ')[0] ?? ''
}
