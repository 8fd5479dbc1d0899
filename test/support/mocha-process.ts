import { closeSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import { fileURLToPath } from 'node:url'
import { endGroup, startGroup } from '../../scripts/process-group.ts'
import type { ShardRun } from './judge-shard.ts'
import { EVENTS_FILE, TEMP_FOLDER, type TestEvent } from './test-event.ts'

const MOCHA = createRequire(import.meta.url).resolve('mocha/bin/mocha.js')
const REPORTER = fileURLToPath(new URL('reporter.ts', import.meta.url))

/** Between two looks at what a process has reported. */
const POLL_MS = 200
/** A process whose tests are done and that does not end by itself holds something open: a leak. */
const ENDS_WITHIN_MS = 15_000
/** Enough of the output of a process that died to see why. */
const KEPT_OUTPUT = 8_000

export interface MochaProcessOptions {
  /** A folder of its own, removed at the end. */
  folder: string
  limitMs: number
  /** Ends the process at once, as the whole run is at an end. */
  stop: AbortSignal
  onEvent: (event: TestEvent) => void
}

/** Runs the files in one mocha process, and never takes longer than the limit (and a few seconds). */
export async function runMocha(
  paths: readonly string[],
  { folder, limitMs, stop, onEvent }: MochaProcessOptions,
): Promise<ShardRun> {
  const eventsPath = join(folder, 'events.jsonl')
  writeFileSync(eventsPath, '')
  const args = [MOCHA, '--reporter', REPORTER, '--forbid-only', '--fail-hook-affected-tests']
  const child = startGroup(process.execPath, [...args, ...paths], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, [EVENTS_FILE]: eventsPath, [TEMP_FOLDER]: join(folder, 'temp') },
  })
  let output = ''
  const keep = (text: string): void => {
    output = (output + text).slice(-KEPT_OUTPUT)
  }
  child.stdout?.setEncoding('utf8').on('data', keep)
  child.stderr?.setEncoding('utf8').on('data', keep)

  const events: TestEvent[] = []
  const readMore = eventReader(eventsPath, (event) => {
    events.push(event)
    onEvent(event)
  })
  let endedBy: string | null = null
  const end = (reason: string): void => {
    endedBy ??= reason
    void endGroup(child, 2_000)
  }
  let lastEventAt = Infinity
  const poll = setInterval(() => {
    readMore()
    if (events.at(-1)?.type !== 'end') return
    lastEventAt = Math.min(lastEventAt, Date.now())
    if (Date.now() - lastEventAt > ENDS_WITHIN_MS) {
      end(`the test run, ${ENDS_WITHIN_MS / 1000} s after its last test: something was left open`)
    }
  }, POLL_MS)
  const overdue = (): void => end(`its time limit of ${limitMs / 1000} s`)
  const limit = setTimeout(overdue, limitMs)
  const onStop = (): void => end('the end of the whole run')
  stop.addEventListener('abort', onStop)
  if (stop.aborted) onStop()

  const exit = await new Promise<string | null>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    // 'close' also waits for the output; a grandchild that keeps it open was killed with the group.
    child.once('close', (code, signal) => {
      resolve(signal ? `signal ${signal}` : code === 0 ? null : `exit code ${code}`)
    })
  })
  clearInterval(poll)
  clearTimeout(limit)
  stop.removeEventListener('abort', onStop)
  readMore()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  return { events, brokeBy: endedBy ?? exit, output }
}

/** A function that reads the lines that were added to the file since its last call. */
function eventReader(path: string, onEvent: (event: TestEvent) => void): () => void {
  const decoder = new StringDecoder('utf8')
  const buffer = Buffer.alloc(64 * 1024)
  let position = 0
  let rest = ''
  return () => {
    const file = openSync(path, 'r')
    try {
      for (;;) {
        const bytes = readSync(file, buffer, 0, buffer.length, position)
        if (bytes === 0) return
        position += bytes
        const lines = (rest + decoder.write(buffer.subarray(0, bytes))).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) onEvent(JSON.parse(line) as TestEvent)
      }
    } finally {
      closeSync(file)
    }
  }
}
