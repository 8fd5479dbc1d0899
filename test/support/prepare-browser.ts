import { fileURLToPath } from 'node:url'
import { endGroup, startGroup } from '../../scripts/process-group.ts'

const STEP = fileURLToPath(new URL('prepare-browser-step.ts', import.meta.url))
/** Installing Chromium takes a minute or two on a slow line, building the editor some seconds. */
const LIMIT_MS = 6 * 60_000

/**
 * Finds or installs Chromium and builds the editor when it is stale, in a process of its own, so that
 * neither can hang the run. Throws what went wrong, in words.
 */
export async function prepareBrowser(
  log: (line: string) => void,
  stop: AbortSignal,
): Promise<void> {
  const child = startGroup(process.execPath, ['--import=tsx', STEP], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let errors = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => log(text.trimEnd()))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text))
  const end = (): void => void endGroup(child)
  const limit = setTimeout(() => {
    errors += `Not done after ${LIMIT_MS / 60_000} minutes.`
    end()
  }, LIMIT_MS)
  stop.addEventListener('abort', end)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  clearTimeout(limit)
  stop.removeEventListener('abort', end)
  if (code !== 0) throw new Error(`The browser tests could not be prepared. ${errors.trim()}`)
}
