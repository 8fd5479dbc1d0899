import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { chromium, type Browser } from 'playwright-core'

type Environment = Record<string, string | undefined>

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** Every place where a Chromium or Chrome may be, the preferred first; they need not exist. */
export function chromiumPlaces(
  platform: NodeJS.Platform,
  env: Environment,
  home: string,
): string[] {
  const onPath = (env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
  const byPlatform: Partial<Record<NodeJS.Platform, string[]>> = {
    darwin: ['/', home].flatMap((root) => [
      join(root, 'Applications/Google Chrome.app/Contents/MacOS/Google Chrome'),
      join(root, 'Applications/Chromium.app/Contents/MacOS/Chromium'),
    ]),
    win32: ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((name) => {
      const folder = env[name]
      return folder ? [join(folder, 'Google/Chrome/Application/chrome.exe')] : []
    }),
  }
  return [...onPath, ...(byPlatform[platform] ?? [])]
}

/**
 * The path of a Chromium that runs. Where there is none it is installed, and `log` is told: through
 * apt-get as root on Debian and Ubuntu, else into playwright's own cache. Throws a sentence that says
 * what to do where that fails too.
 */
export async function findChromium({ log }: { log: (line: string) => void }): Promise<string> {
  const chosen = process.env['CHROMIUM_PATH']
  if (chosen) {
    if (runs(chosen)) return chosen
    throw new Error(`CHROMIUM_PATH is ${chosen}, which does not run. Correct it, or unset it.`)
  }
  const search = (): string | undefined =>
    [...chromiumPlaces(process.platform, process.env, homedir()), chromium.executablePath()].find(
      runs,
    )
  const found = search()
  if (found) return found

  const tried: string[] = []
  for (const { command, args, env } of installers()) {
    const line = [command, ...args].join(' ')
    log(`No Chromium here; installing one: ${line}`)
    const result = spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, ...env } })
    const installed = result.status === 0 ? search() : undefined
    if (installed) return installed
    const said = (result.error?.message ?? `${result.stdout}${result.stderr}`).trim().split('\n')
    const why = said.find((text) => /^(E:|Error|Failed)/.test(text)) ?? said.at(-1)
    tried.push(`${line}: ${why}`)
  }
  throw new Error(
    [
      'No Chromium was found and none could be installed.',
      'Install Chromium or Chrome, or name one: CHROMIUM_PATH=/path/to/chromium npm test.',
      'To run the other tests alone: npm test -- unit pg.',
      ...tried,
    ].join('\n'),
  )
}

/** Starts a headless Chromium with an empty profile of its own. The caller closes it. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: await findChromium({ log: console.log }),
    headless: true,
    // The pages are our own, and root (as which containers run) gets no sandbox.
    chromiumSandbox: false,
    args: [
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

interface Installer {
  command: string
  args: string[]
  env?: Environment
}

function installers(): Installer[] {
  const manifest = createRequire(import.meta.url).resolve('playwright-core/package.json')
  const cli = join(dirname(manifest), 'cli.js')
  const playwright = { command: process.execPath, args: [cli, 'install', '--no-shell', 'chromium'] }
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0) return [playwright]
  // Two runs may install at once: the second waits for the first.
  const install = 'apt-get -o DPkg::Lock::Timeout=300 install -qy chromium'
  const apt = {
    command: 'sh',
    args: ['-c', `apt-get update -q; ${install}`],
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  }
  return [apt, playwright]
}

/** Some systems have a chromium-browser that only says how to install one. */
function runs(path: string): boolean {
  if (!existsSync(path)) return false
  // On Windows and macOS the place is proof enough, and `--version` may open a window.
  if (process.platform !== 'linux') return true
  try {
    execFileSync(path, ['--version'], { stdio: 'ignore', timeout: 20_000 })
    return true
  } catch {
    return false
  }
}
