/** `npm run bench`: figures, each as a ratio to its limit on the same machine in the same run. */
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Argument, Command, InvalidArgumentError } from 'commander'
import { benchMerge, mergeLines } from './bench/merge.ts'
import { benchPush, type PushBench } from './bench/push.ts'

const TRACES = ['edits', 'edits-edge-heavy'].map((name) => `../shared/data/trace/${name}.json.gz`)
const DEFAULT_OUT = join(tmpdir(), 'tributary-bench-merge.json')

interface Options {
  readonly trace: readonly string[]
  readonly rounds: number
  readonly out: string
  readonly json?: true
}

const program = new Command('npm run bench --')
  .description('Measures, and prints each figure as a ratio to its limit in the same run.')
  .addArgument(new Argument('[figure]', 'which figure').choices(['push', 'merge']).default('push'))
  .option('--trace <files...>', 'merge: recorded traces, the first is measured in full', TRACES)
  .option('--rounds <n>', 'merge: how many rounds, of which the medians count', roundCount, 5)
  .option('--out <file>', 'merge: where the figures go as JSON', DEFAULT_OUT)
  .option('--json', 'print one JSON object instead of text')
  .parse()

const { json = false, trace, rounds, out } = program.opts<Options>()
const print = (lines: readonly string[]) => void process.stdout.write(`${lines.join('\n')}\n`)

try {
  if (program.args[0] === 'merge') {
    const merge = await benchMerge(trace, rounds)
    writeFileSync(out, `${JSON.stringify({ merge }, null, 2)}\n`)
    print(json ? [JSON.stringify({ merge })] : [...mergeLines(merge), '', `As JSON: ${out}`])
  } else {
    if (!json) print(['Pushing 8 x 30 batches of 100 events, five rounds…'])
    const push = await benchPush()
    print(json ? [JSON.stringify({ push })] : pushLines(push))
  }
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
}

function roundCount(text: string): number {
  const rounds = Number(text)
  if (Number.isInteger(rounds) && rounds > 0) return rounds
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
