import ts from 'typescript'
import { parse } from 'vue/compiler-sfc'

/** One place in a file that names another module. */
export interface ImportPlace {
  specifier: string
  line: number
  /** Erased by the compiler: `import type`, `export type … from`, `import('…').Type`. */
  typeOnly: boolean
  /** Loaded when the line runs: `import('…')`, `new URL('…', import.meta.url)`. */
  lazy: boolean
}

/** Every import of a .ts file or of the <script> blocks of a .vue file, in order. */
export function readImports(path: string, source: string): ImportPlace[] {
  if (!path.endsWith('.vue')) return readScript(path, source)
  const { descriptor } = parse(source, { filename: path })
  const { script, scriptSetup } = descriptor
  return [script, scriptSetup].flatMap((block) => {
    if (!block) return []
    const { line } = block.loc.start
    const places = readScript(path, block.content).map((p) => ({ ...p, line: p.line + line - 1 }))
    if (block.src) places.push({ specifier: block.src, line, typeOnly: false, lazy: false })
    return places
  })
}

function readScript(path: string, source: string): ImportPlace[] {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS)
  const places: ImportPlace[] = []
  const visit = (node: ts.Node): void => {
    const found = importOf(node)
    if (found) {
      const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1
      places.push({ ...found, line })
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return places
}

function importOf(node: ts.Node): Omit<ImportPlace, 'line'> | null {
  if (ts.isImportDeclaration(node)) {
    const typeOnly = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
    return place(node.moduleSpecifier, { typeOnly, lazy: false })
  }
  if (ts.isExportDeclaration(node)) {
    return place(node.moduleSpecifier, { typeOnly: node.isTypeOnly, lazy: false })
  }
  if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
    return place(node.moduleReference.expression, { typeOnly: node.isTypeOnly, lazy: false })
  }
  if (ts.isImportTypeNode(node)) {
    const literal = ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined
    return place(literal, { typeOnly: true, lazy: false })
  }
  if (ts.isCallExpression(node)) {
    const called = node.expression
    const loads =
      called.kind === ts.SyntaxKind.ImportKeyword ||
      (ts.isIdentifier(called) && called.text === 'require')
    return loads ? place(node.arguments[0], { typeOnly: false, lazy: true }) : null
  }
  // How a worker, or a file for another process, is named; always relative to the file.
  if (ts.isNewExpression(node) && node.expression.getText() === 'URL') {
    const [target, base] = node.arguments ?? []
    const text = target ? textOf(target) : ''
    if (base?.getText() !== 'import.meta.url' || !/\.(ts|vue)$/.test(text)) return null
    return { specifier: text.startsWith('.') ? text : `./${text}`, typeOnly: false, lazy: true }
  }
  return null
}

function place(
  specifier: ts.Node | undefined,
  kind: { typeOnly: boolean; lazy: boolean },
): Omit<ImportPlace, 'line'> | null {
  const text = specifier ? textOf(specifier) : ''
  return text === '' ? null : { specifier: text, ...kind }
}

/** The text of a string literal; '' for anything that is only known when it runs. */
function textOf(node: ts.Node): string {
  return ts.isStringLiteralLike(node) ? node.text : ''
}
