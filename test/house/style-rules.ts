/** A line of text that must not be in files of some kind. */
interface WordRule {
  /** Which files, by path. */
  files: RegExp
  word: RegExp
  why: string
}

const CODE = /\.(ts|js|vue|css|html)$/

// Some are written in two pieces, so that this file does not break its own rules.
export const WORD_RULES: WordRule[] = [
  {
    files: /^package-lock\.json$/,
    word: /"resolved":|localhost:/,
    why: 'the lock file names a registry; .npmrc keeps that out, run npm install again',
  },
  {
    files: CODE,
    word: new RegExp(`\\b(TO${'DO'}|FIX${'ME'}|XX${'X'}|HA${'CK'})\\b`),
    why: 'nothing is left for later in the code: do it, or open an issue',
  },
  {
    files: /^test\/(?!house\/).*\.ts$/,
    word: /\b(describe|context|it)\.only\(/,
    why: 'a focused test hides all the others',
  },
  {
    files: /^test\/(?!house\/|support\/skip-because\.ts).*\.ts$/,
    word: /\b(describe|context|it|this)\.skip\(|\bx(it|describe)\(/,
    why: "a skipped test says why: skipBecause(this, '…')",
  },
  {
    files: /^(domain|projections|backend)\/.*\.ts$/,
    word: /\bconsole\.log\(/,
    why: 'the log is handed in; a command prints with process.stdout.write',
  },
  {
    files: CODE,
    word: new RegExp(`['"\`(\\s]/(Use${'rs'}|ho${'me'}|wo${'rk'})/[\\w-]`),
    why: 'a path of one machine means nothing on another',
  },
]

/** A file of a room longer than this is more than one thing. */
export const MAX_LINES = 500
/** Cases that stand side by side may go on for longer. */
const MAX_TEST_LINES = 600

const FORBIDDEN_NAMES = /^(utils?|helpers?|common|index)$/
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*$/
const PASCAL_CASE = /^([A-Z][a-z0-9]*)+$/

/** Every breach of the word rules and of the length, as `file:line: what is wrong`. */
export function findStyleBreaches(path: string, text: string): string[] {
  const lines = text.split('\n')
  const rules = WORD_RULES.filter(({ files }) => files.test(path))
  const breaches = lines.flatMap((line, i) =>
    rules.filter(({ word }) => word.test(line)).map(({ why }) => `${path}:${i + 1}: ${why}`),
  )
  const length = lines.length - 1
  const most = path.startsWith('test/') ? MAX_TEST_LINES : MAX_LINES
  if (/\.(ts|vue)$/.test(path) && length > most) {
    breaches.push(`${path}:1: ${length} lines, over ${most}: divide it by what it does`)
  }
  return breaches
}

/** What is wrong with the name of a .ts or .vue file, or of a folder that it lies in. */
export function findNameBreaches(path: string): string[] {
  const folders = path.split('/')
  const name = folders.pop() ?? ''
  const [stem = '', ...ends] = name.split('.')
  const breaches = [...folders, stem]
    .filter((part) => FORBIDDEN_NAMES.test(part))
    .map((part) => `${path}:1: ${part} says nothing: name it for the one thing in it`)
  const component = ends.at(-1) === 'vue'
  if (component && !PASCAL_CASE.test(stem)) breaches.push(`${path}:1: a component is PascalCase`)
  if (!component && !KEBAB_CASE.test(stem)) breaches.push(`${path}:1: a file is kebab-case`)
  const oddFolder = folders.find((folder) => !KEBAB_CASE.test(folder))
  if (oddFolder) breaches.push(`${path}:1: a folder is kebab-case, not ${oddFolder}`)
  return breaches
}
