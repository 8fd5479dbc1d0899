/**
 * One contender for a data folder, as a process of its own. Waits for a line on stdin, so that many
 * begin at the same moment, says 'won' or the error's code, and holds until stdin ends.
 * Argument: the folder of claims.
 */
import { once } from 'node:events'
import { lockDataDir } from '../../../backend/embedded-postgres/data-dir-lock.ts'

const [folder = ''] = process.argv.slice(2)
process.stdout.write('waiting\n')
await once(process.stdin, 'data')
const said = await lockDataDir(folder, folder, { onLost: () => undefined }).then(
  () => 'won',
  (error: Error & { code?: string }) => error.code ?? error.message,
)
process.stdout.write(`${said}\n`)
process.stdin.resume()
await once(process.stdin, 'end')
process.exit(0)
