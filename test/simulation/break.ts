/** Loaded before everything else: breaks the rule that BREAK names, in this process alone. */
import { readFileSync } from 'node:fs'
import { register } from 'node:module'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { breakages } from './breakages.ts'

const name = process.env['BREAK'] ?? ''
const breakage = breakages[name]
if (!breakage) throw new Error(`There is no breakage ${name}: ${Object.keys(breakages).join(', ')}`)
const url = new URL(`../../${breakage.file}`, import.meta.url)
const source = readFileSync(fileURLToPath(url), 'utf8')
if (!source.includes(breakage.find)) throw new Error(`${breakage.file} has no ${breakage.find}`)

const broken = ts.transpileModule(source.replace(breakage.find, breakage.replace), {
  compilerOptions: {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.ESNext,
    verbatimModuleSyntax: true,
  },
}).outputText

register(
  `data:text/javascript,${encodeURIComponent(`
    let broken
    export const initialize = (data) => { broken = data }
    export const load = (url, context, next) =>
      url.split('?')[0] === broken.url
        ? { format: 'module', source: broken.source, shortCircuit: true }
        : next(url, context)
  `)}`,
  { data: { url: url.href, source: broken } },
)
