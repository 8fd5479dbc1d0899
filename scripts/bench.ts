/** `npm run bench`: figures, each as a ratio to its limit on the same machine in the same run. */
import { Argument, Command, InvalidArgumentError } from 'commander'
import { benchMerge, type MergeBench } from './bench/merge.ts'
import { median } from './bench/median.ts'
import { benchPush, type PushBench } from './bench/push.ts'
import { benchQueue, type QueueBench } from './bench/queue.ts'

const program = new Command('npm run bench --')
  .description('Measures, and prints each figure as a ratio to its limit in the same run.')
  .addArgument(
    new Argument('[figure]', 'which figure').choices(['push', 'merge', 'queue']).default('push'),
  )
  .option('--trace <file>', 'merge: a recorded trace', '../shared/data/trace/edits.json.gz')
  .option('--events <n>', 'queue: how many wait for the network', positive, 100_000)
  .option('--json', 'print one JSON object instead of text')
  .parse()

const {
  json = false,
  trace,
  events,
} = program.opts<{ json?: boolean; trace: string; events: number }>()
const print = (lines: readonly string[]) => void process.stdout.write(`${lines.join('\n')}\n`)

try {
  if (program.args[0] === 'merge') {
    const merge = benchMerge(trace)
    if (json) print([JSON.stringify({ merge })])
    else print(mergeLines(merge))
  } else if (program.args[0] === 'queue') {
    const queue = await benchQueue(events)
    print(json ? [JSON.stringify({ queue })] : queueLines(queue))
  } else {
    if (!json) print(['Pushing 8 x 30 batches of 100 events, five rounds…'])
    const push = await benchPush()
    if (json) print([JSON.stringify({ push })])
    else print(pushLines(push))
  }
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
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

function mergeLines(figures: MergeBench): string[] {
  const { operations, merged, folded, openedMs, parsedMs, snapshotBytes, conflicts } = figures
  return [
    `Merging ${operations} edits one by one, with conflicts and graph rules (median of five rounds)`,
    `  merged        ${Math.round(merged)} edits per second of CPU`,
    `  plain fold    ${Math.round(folded)}`,
    `  ratio         ${(merged / folded).toFixed(2)}`,
    `Opening the result from its snapshot of ${snapshotBytes} bytes, with ${conflicts} conflicts`,
    `  opened        ${openedMs.toFixed(1)} ms`,
    `  JSON.parse    ${parsedMs.toFixed(1)} ms`,
    `  ratio         ${(openedMs / parsedMs).toFixed(2)}`,
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

function positive(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw new InvalidArgumentError('It must be a whole number above 0.')
}
