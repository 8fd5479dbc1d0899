import type { ChildProcess } from 'node:child_process'

export interface ProgramResult {
  /** null when a signal ended it. */
  readonly code: number | null
  /** stdout and stderr as they came. */
  readonly output: string
}

/**
 * Feeds `input` to a program that was started with pipes, and waits for its end.
 * @throws the spawn error ('EACCES', 'ENOENT', …); the reason of `signal`, after ending the program
 *   together with all that it has started
 */
export async function runProgram(
  child: ChildProcess,
  { input = '', signal }: { input?: string; signal?: AbortSignal | undefined } = {},
): Promise<ProgramResult> {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  // A program that ends before it has read everything is judged by its exit code.
  child.stdin?.on('error', () => undefined).end(input)
  const end = () => killGroup(child)
  signal?.addEventListener('abort', end, { once: true })
  if (signal?.aborted) end()
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject).once('close', resolve)
    })
    signal?.throwIfAborted()
    return { code, output: output.trim() }
  } finally {
    signal?.removeEventListener('abort', end)
  }
}

/** Every program is at the head of a group of its own, see launcher.ts; Windows knows no groups. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL')
  } catch {
    // It has ended by itself meanwhile.
  }
}
