/**
 * Child processes that leave nothing behind. Each is started at the head of a process group of its
 * own, so that whatever it starts in turn (a Postgres, a Chromium) can be ended together with it,
 * and every group that still lives is killed when this process exits, however it exits.
 */
import { spawn, spawnSync, type ChildProcess, type SpawnOptions } from 'node:child_process'

const windows = process.platform === 'win32'
const living = new Set<ChildProcess>()

process.on('exit', () => {
  for (const child of living) signalGroup(child, 'SIGKILL')
})

/** Starts `command` at the head of a new process group. */
export function startGroup(
  command: string,
  args: readonly string[],
  options: SpawnOptions = {},
): ChildProcess {
  const child = spawn(command, args, { ...options, detached: !windows })
  living.add(child)
  child.once('exit', () => {
    // The head is gone; what it left running in its group goes with it.
    signalGroup(child, 'SIGKILL')
    living.delete(child)
  })
  child.once('error', () => living.delete(child))
  return child
}

/** Asks the group to end, and kills what is still there after `graceMs`. Resolves when it is gone. */
export async function endGroup(child: ChildProcess, graceMs = 5_000): Promise<void> {
  if (!living.has(child)) return
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  signalGroup(child, 'SIGTERM')
  const kill = setTimeout(() => signalGroup(child, 'SIGKILL'), graceMs)
  await gone
  clearTimeout(kill)
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  if (windows) {
    spawnSync('taskkill', ['/pid', String(child.pid), '/T', '/F'])
    return
  }
  try {
    process.kill(-child.pid, signal)
  } catch {
    // No process of the group is left, which is what was wanted.
  }
}
