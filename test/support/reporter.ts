import { appendFileSync, mkdirSync } from 'node:fs'
import { Socket } from 'node:net'
import { inspect } from 'node:util'
import Mocha from 'mocha'
import { skipReasonOf } from './skip-because.ts'
import { EVENTS_FILE, TEMP_FOLDER, type TestEvent } from './test-event.ts'

const { Base } = Mocha.reporters
const constants = Mocha.Runner.constants

/** Writes what happens as TestEvents to the file named by the environment. */
export default class EventReporter extends Base {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options)
    const path = process.env[EVENTS_FILE]
    if (!path) throw new Error(`${EVENTS_FILE} is not set: this reporter serves npm test alone.`)
    const write = (event: TestEvent): void => appendFileSync(path, JSON.stringify(event) + '\n')
    useOwnTempFolder()
    endWithTheTestRun()

    runner.once(constants.EVENT_RUN_BEGIN, () => write({ type: 'start' }))
    runner.on(constants.EVENT_HOOK_BEGIN, (hook: Mocha.Hook) =>
      write({ type: 'begin', ...nameOf(hook) }),
    )
    runner.on(constants.EVENT_TEST_BEGIN, (test: Mocha.Test) =>
      write({ type: 'begin', ...nameOf(test) }),
    )
    runner.on(constants.EVENT_TEST_PASS, (test: Mocha.Test) =>
      write({ type: 'pass', ...nameOf(test) }),
    )
    runner.on(constants.EVENT_TEST_FAIL, (test: Mocha.Test, error: unknown) =>
      write({ type: 'fail', ...nameOf(test), error: describeError(error) }),
    )
    runner.on(constants.EVENT_TEST_PENDING, (test: Mocha.Test) =>
      write({ type: 'skip', ...nameOf(test), reason: skipReasonOf(test) }),
    )
    runner.once(constants.EVENT_RUN_END, () => {
      write({ type: 'end' })
      nameWhatStaysOpen()
    })
  }
}

function nameOf(runnable: Mocha.Runnable): { file: string; title: string } {
  return { file: runnable.file ?? runnable.parent?.file ?? '', title: runnable.fullTitle() }
}

/**
 * From here on temporary files go to the folder that the test run removes at the end. It is set this
 * late on purpose: tsx has opened its cache of translated files in the common temporary folder.
 */
function useOwnTempFolder(): void {
  const folder = process.env[TEMP_FOLDER]
  if (!folder) return
  mkdirSync(folder, { recursive: true })
  Object.assign(process.env, { TMPDIR: folder, TEMP: folder, TMP: folder })
}

/** The test run holds the other end of stdin: when it is gone, even by kill -9, so is this group. */
function endWithTheTestRun(): void {
  if (process.platform === 'win32' || process.stdin.isTTY) return
  process.stdin.once('close', () => process.kill(0, 'SIGKILL'))
  process.stdin.resume()
  // It is a pipe here, and a pipe is a socket; it must not keep the process running.
  if (process.stdin instanceof Socket) process.stdin.unref()
}

function nameWhatStaysOpen(): void {
  const report = setTimeout(() => {
    const open = process.getActiveResourcesInfo().filter((kind) => !/^(Pipe|TTY)Wrap$/.test(kind))
    console.error(`Still open 5 s after the last test: ${open.join(', ') || 'pipes only'}`)
  }, 5_000)
  report.unref()
}

/** Message, difference, stack without the frames of libraries, and the causes below it. */
function describeError(error: unknown): string {
  if (!(error instanceof Error)) return `thrown: ${inspect(error)}`
  const { actual, expected, showDiff } = error as Error &
    Partial<Record<'actual' | 'expected' | 'showDiff', unknown>>
  const message = error.message || error.name
  const parts = [error.name === 'Error' ? message : `${error.name}: ${message}`]
  // Base has turned both into text by now where they can be compared line by line.
  if (showDiff && typeof actual === 'string' && typeof expected === 'string') {
    parts.push(Base.generateDiff(actual, expected).replace(/^ {6}/gm, '').trim())
  }
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  parts.push(...frames.filter((line) => !/node_modules|node:internal/.test(line)))
  if (error.cause !== undefined) parts.push(`caused by ${describeError(error.cause)}`)
  return parts.join('\n')
}
