/** `npm start`: builds the editor when its sources are newer, then runs the server. */
import { Command } from 'commander'
import { buildEditorIfStale } from './editor-build.ts'

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

try {
  if (help) console.log(command.helpInformation())
  else if (!skipBuild) await buildEditorIfStale({ log: console.log, force: rebuild ?? false })
  // The server reads its own words (--help among them) and the environment.
  const { main } = await import('../backend/main.ts')
  await main(command.args, process.env)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
