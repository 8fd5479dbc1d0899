/** `npm run build`: builds the editor, changed or not. */
import { buildEditorIfStale } from './editor-build.ts'

try {
  await buildEditorIfStale({ log: console.log, force: true })
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
