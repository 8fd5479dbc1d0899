/** `npm run bench`: figures, each as a ratio to its limit on the same machine in the same run. */
import { Command } from 'commander'
import { benchPush } from './bench/push.ts'

const program = new Command('npm run bench --')
  .description('Measures, and prints each figure as a ratio to its limit in the same run.')
  .option('--json', 'print one JSON object instead of text')
  .parse()

const { json = false } = program.opts<{ json?: boolean }>()
if (!json) process.stdout.write('Pushing 8 x 30 batches of 100 events, five rounds…\n')
const push = await benchPush()
if (json) process.stdout.write(`${JSON.stringify({ push })}\n`)
else {
  const percent = push.ratios.map((ratio) => ratio.toFixed(2)).join(' ')
  const ratio = (push.acknowledged / push.inserted).toFixed(2)
  process.stdout.write(
    [
      'Pushed events acknowledged, 8 sockets, batches of 100 (median of five rounds)',
      `  acknowledged  ${Math.round(push.acknowledged)} events/s`,
      `  bare INSERT   ${Math.round(push.inserted)} events/s, same events, indexes and Postgres`,
      `  ratio         ${ratio}   (rounds: ${percent})`,
      '',
    ].join('\n'),
  )
}
