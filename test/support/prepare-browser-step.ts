/** What the browser tests need, run by prepare-browser.ts in a process of its own. */
import { buildEditorIfStale } from '../../scripts/editor-build.ts'
import { findChromium } from './chromium.ts'

try {
  await findChromium({ log: console.log })
  await buildEditorIfStale({ log: console.log })
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
