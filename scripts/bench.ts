/** `npm run bench`: figures, each as a ratio to its limit on the same machine in the same run. */
import { Argument, Command } from 'commander'
import { benchMerge, type MergeBench } from './bench/merge.ts'
import { benchPush, type PushBench } from './bench/push.ts'

const program = new Command('npm run bench --')
  .description('Measures, and prints each figure as a ratio to its limit in the same run.')
  .addArgument(new Argument('[figure]', 'which figure').choices(['push', 'merge']).default('push'))
  .option('--trace <file>', 'merge: a recorded trace', '../shared/data/trace/edits.json.gz')
  .option('--json', 'print one JSON object instead of text')
  .parse()

const { json = false, trace } = program.opts<{ json?: boolean; trace: string }>()
const print = (lines: readonly string[]) => void process.stdout.write(`${lines.join('\n')}\n`)

try {
  if (program.args[0] === 'merge') {
    const merge = benchMerge(trace)
    if (json) print([JSON.stringify({ merge })])
    else print(mergeLines(merge))
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
