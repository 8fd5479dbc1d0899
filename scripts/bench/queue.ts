/**
 * A queue of a hundred thousand events in a real Chromium: made without a network, opened again
 * after a reload and after a crash of the tab, uploaded. Measured by the way of the browser test, in
 * a process of its own: only tests know of browsers.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { buildEditorIfStale } from '../editor-build.ts'

export interface QueueBench {
  readonly events: number
  readonly gestures: number
  readonly writtenMs: number
  /** From the reload until the pipeline is shown and the queue counted. */
  readonly reloadedMs: number
  /** The same in another tab, after the first one's process was killed. */
  readonly reopenedMs: number
  readonly uploadedMs: number
  /** A reload once all of it is confirmed. */
  readonly syncedReloadMs: number
  /** Another machine's signing in, until it has the same history. */
  readonly elsewhereMs: number
  /** The limit of an upload: events that this browser reads and stores again in a second. */
  readonly storedPerSecond: number
  /** How long edits took to be shown meanwhile, in ms. */
  readonly edits: readonly number[]
}

export async function benchQueue(events: number): Promise<QueueBench> {
  await buildEditorIfStale({ log: (line) => void process.stderr.write(`${line}\n`) })
  const args = ['run', '--silent', 'bench:queue', '--', '--events', String(events)]
  const measuring = spawn('npm', args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    // There it is a command file, which only a shell starts.
    shell: process.platform === 'win32',
  })
  const ended = once(measuring, 'exit')
  const said = await text(measuring.stdout)
  const [code] = await ended
  if (code !== 0) throw new Error('The queue could not be measured.')
  return JSON.parse(said) as QueueBench
}
