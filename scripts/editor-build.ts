/**
 * Builds the editor into frontend/dist when its sources have changed since the last build. Whether
 * they have is decided by content, not by file times: a clone, a checkout and a copy all count as
 * what they contain. A build goes to a folder of its own and takes the place of the old one by
 * renaming, so that an interrupted build or two at once never leave half an editor.
 */
import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface EditorBuildOptions {
  log: (line: string) => void
  /** Builds even where nothing has changed. */
  force?: boolean
  /** The checkout; this one, unless a test has another. */
  root?: string
}

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const { NODE_ENV } = process.env
const SOURCES = ['frontend', 'domain', 'package-lock.json', 'tsconfig.json']
/** An unfinished build this old belongs to nobody any more. */
const ABANDONED_AFTER_MS = 60 * 60_000

/**
 * Answers whether it built, and in how many seconds. Throws one readable block where the build
 * fails; the editor built before then stays in place.
 */
export async function buildEditorIfStale(
  options: EditorBuildOptions,
): Promise<{ built: boolean; seconds: number }> {
  const { log, force = false, root = ROOT } = options
  const dist = join(root, 'frontend/dist')
  const hash = await hashSources(root)
  if (!force && (await builtFrom(dist)) === hash) return { built: false, seconds: 0 }

  const startedAt = Date.now()
  const changed = existsSync(join(dist, 'index.html')) ? 'its sources changed' : 'first start'
  log(`Building the editor (${force ? 'as asked' : changed})…`)
  await removeAbandoned(join(root, 'frontend'))
  const fresh = join(root, `frontend/.dist-${randomUUID()}`)
  try {
    await viteBuild(root, fresh)
    await writeFile(join(fresh, '.build-hash'), hash)
    await putInPlace(fresh, dist)
  } catch (error) {
    await rm(fresh, { recursive: true, force: true })
    throw error
  }
  const seconds = Math.round((Date.now() - startedAt) / 100) / 10
  log(`The editor is built: ${seconds} s.`)
  return { built: true, seconds }
}

async function hashSources(root: string): Promise<string> {
  const paths: string[] = []
  for (const source of SOURCES) {
    const path = join(root, source)
    if (!existsSync(path)) continue
    if ((await stat(path)).isFile()) paths.push(source)
    else paths.push(...(await filesBelow(root, source)))
  }
  const hash = createHash('sha256')
  for (const path of paths.sort()) {
    const content = createHash('sha256').update(await readFile(join(root, path)))
    hash.update(`${path}\0${content.digest('hex')}\n`)
  }
  return hash.digest('hex')
}

async function filesBelow(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true })
  const nested = entries.map(async (entry) => {
    const path = `${folder}/${entry.name}`
    if (path === 'frontend/dist' || entry.name.startsWith('.')) return []
    return entry.isDirectory() ? filesBelow(root, path) : [path]
  })
  return (await Promise.all(nested)).flat()
}

async function builtFrom(dist: string): Promise<string | null> {
  if (!existsSync(join(dist, 'index.html'))) return null
  return readFile(join(dist, '.build-hash'), 'utf8').catch(() => null)
}

async function viteBuild(root: string, outDir: string): Promise<void> {
  const configFile = join(root, 'frontend/vite.config.ts')
  if (!existsSync(configFile)) {
    throw new Error(`The editor cannot be built: ${configFile} is missing. Is the clone complete?`)
  }
  try {
    const { build } = await import('vite')
    await build({
      root: join(root, 'frontend'),
      configFile,
      logLevel: 'error',
      build: { outDir, emptyOutDir: true },
    })
  } catch (error) {
    throw new Error(describeBuildError(root, error), { cause: error })
  } finally {
    // Vite sets it for the whole process, which goes on as the server.
    if (NODE_ENV === undefined) delete process.env['NODE_ENV']
    else process.env['NODE_ENV'] = NODE_ENV
  }
}

function describeBuildError(root: string, error: unknown): string {
  const { message, frame, loc } = error as Partial<{
    message: string
    frame: string
    loc: { file?: string; line: number; column: number }
  }>
  const where = loc?.file ? `${loc.file}:${loc.line}:${loc.column}` : ''
  return ['The editor could not be built.', where, message ?? String(error), frame ?? '']
    .filter((line) => line !== '')
    .join('\n')
    .replaceAll(join(root, '/'), '')
}

/** Renames `fresh` to `dist`. Another build may do the same at the same moment: the last one stays. */
async function putInPlace(fresh: string, dist: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const old = `${fresh}-old`
    await rename(dist, old).catch(ignore('ENOENT'))
    try {
      await rename(fresh, dist)
      await rm(old, { recursive: true, force: true })
      return
    } catch (error) {
      await rm(old, { recursive: true, force: true })
      if (attempt === 10) throw error
    }
  }
}

async function removeAbandoned(frontend: string): Promise<void> {
  for (const name of await readdir(frontend)) {
    if (!name.startsWith('.dist-')) continue
    const path = join(frontend, name)
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }))
    if (Date.now() - mtimeMs > ABANDONED_AFTER_MS) await rm(path, { recursive: true, force: true })
  }
}

function ignore(code: string): (error: NodeJS.ErrnoException) => void {
  return (error) => {
    if (error.code !== code) throw error
  }
}
