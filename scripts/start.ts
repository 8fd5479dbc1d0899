/** `npm start`: builds the editor when its sources are newer, and runs the server. */
import { listenForEnd } from '../backend/composition/ending.ts'

// The first thing, since loading the rest takes a second in which a signal would end us silently.
const ending = listenForEnd()
const endLoading = () => {
  console.error((ending.reason as Error).message)
  process.exit(1)
}
ending.addEventListener('abort', endLoading)

try {
  const { Command } = await import('commander')
  const command = new Command('npm start --')
    .description('Builds the editor when its sources have changed, and starts the server.')
    .option('--skip-build', 'serve the editor as it was built before')
    .option('--rebuild', 'build the editor even when nothing has changed')
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .parse()
  const { skipBuild, rebuild } = command.opts<{ skipBuild?: boolean; rebuild?: boolean }>()
  const help = command.args.some((word) => word === '--help' || word === '-h')
  if (help) console.log(command.helpInformation())

  const build = async () => {
    if (skipBuild) return
    const { buildEditorIfStale } = await import('./editor-build.ts')
    await buildEditorIfStale({ log: console.log, force: rebuild ?? false })
  }
  const { main } = await import('../backend/main.ts')
  ending.removeEventListener('abort', endLoading)
  // The server reads its own words (--help among them) and the environment.
  await main(command.args, process.env, { ending, prepare: build })
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
  // Nobody waits for a build that is under way; it is made anew by the next start.
  if (ending.aborted) process.exit()
}
