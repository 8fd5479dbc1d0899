/** `npm run bench`: figures, each as a ratio to its limit on the same machine in the same run. */
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Argument, Command, InvalidArgumentError } from 'commander'
import { clockBytes, clockLines } from './bench/clock-bytes.ts'
import { benchMerge, mergeLines } from './bench/merge.ts'
import { median } from './bench/median.ts'
import { benchPush, type PushBench } from './bench/push.ts'
import { benchQueue, type QueueBench } from './bench/queue.ts'

const TRACES = ['edits', 'edits-edge-heavy'].map((name) => `../shared/data/trace/${name}.json.gz`)
const DEFAULT_OUT = join(tmpdir(), 'tributary-bench-merge.json')

/** Devices that have edited a pipeline, of which the bytes of clocks are told. */
const DEVICES = [2, 20, 200, 1_000]

interface Options {
  readonly trace: readonly string[]
  readonly rounds: number
  readonly out: string
  readonly events: number
  readonly json?: true
}

const program = new Command('npm run bench --')
  .description('Measures, and prints each figure as a ratio to its limit in the same run.')
  .addArgument(
    new Argument('[figure]', 'which figure').choices(['push', 'merge', 'queue']).default('push'),
  )
  .option('--trace <files...>', 'merge: recorded traces, the first is measured in full', TRACES)
  .option('--rounds <n>', 'merge: how many rounds, of which the medians count', count, 5)
  .option('--out <file>', 'merge: where the figures go as JSON', DEFAULT_OUT)
  .option('--events <n>', 'queue: how many wait for the network', count, 100_000)
  .option('--json', 'print one JSON object instead of text')
  .parse()

const { json = false, trace, rounds, out, events } = program.opts<Options>()
const print = (lines: readonly string[]) => void process.stdout.write(`${lines.join('\n')}\n`)

try {
  if (program.args[0] === 'merge') {
    const merge = await benchMerge(trace, rounds)
    const clocks = clockBytes(DEVICES)
    writeFileSync(out, `${JSON.stringify({ merge, clocks }, null, 2)}\n`)
    const text = [...mergeLines(merge), '', ...clockLines(clocks), '', `As JSON: ${out}`]
    print(json ? [JSON.stringify({ merge, clocks })] : text)
  } else if (program.args[0] === 'queue') {
    const queue = await benchQueue(events)
    print(json ? [JSON.stringify({ queue })] : queueLines(queue))
  } else {
    if (!json) print(['Pushing 8 x 30 batches of 100 events, five rounds…'])
    const push = await benchPush()
    print(json ? [JSON.stringify({ push })] : pushLines(push))
  }
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
}

function count(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw new InvalidArgumentError('Say a whole number from 1.')
}

function pushLines({ acknowledged, inserted, ratios }: PushBench): string[] {
  const rounds = ratios.map((ratio) => ratio.toFixed(2)).join(' ')
  return [
    'Pushed events acknowledged, 8 sockets, batches of 100 (median of five rounds)',
    `  acknowledged  ${Math.round(acknowledged)} events/s`,
    `  bare INSERT   ${Math.round(inserted)} events/s, same events, indexes and Postgres`,
    `  ratio         ${(acknowledged / inserted).toFixed(2)}   (rounds: ${rounds})`,
  ]
}

function queueLines(figures: QueueBench): string[] {
  const { events, gestures, uploadedMs, storedPerSecond, edits } = figures
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
  const perSecond = (events * 1000) / uploadedMs
  return [
    `A queue of ${events} events in Chromium, ${gestures} gestures made without a network`,
    `  made          ${seconds(figures.writtenMs)}`,
    `  reloaded      ${seconds(figures.reloadedMs)}`,
    `  reopened      ${seconds(figures.reopenedMs)}, after a crash of the tab`,
    `  uploaded      ${seconds(uploadedMs)}, ${Math.round(perSecond)} events/s`,
    `  bare storing  ${Math.round(storedPerSecond)} events/s, the same rows, batches and browser`,
    `  ratio         ${(perSecond / storedPerSecond).toFixed(2)}`,
    `  edits shown   ${Math.round(median(edits))} ms while it uploads (median of ${edits.length}; ` +
      `at most ${Math.round(Math.max(...edits))} ms)`,
    `  reloaded      ${seconds(figures.syncedReloadMs)}, all of it confirmed`,
    `  elsewhere     ${seconds(figures.elsewhereMs)}, another machine signs in and has it`,
  ]
}
