import { relative } from 'node:path'
import type { TestResult } from './judge-shard.ts'
import type { TestEvent } from './test-event.ts'

type Output = Pick<NodeJS.WriteStream, 'write'> & { isTTY?: boolean }

/** Says how the run goes: a line for every file that is done, and on a terminal one that moves. */
export class RunReport {
  readonly #output: Output
  readonly #root: string
  readonly #fileCount: number
  readonly #results: TestResult[] = []
  readonly #begun = new Set<string>()
  #seen = { passed: 0, failed: 0 }

  constructor(output: Output, { root, fileCount }: { root: string; fileCount: number }) {
    this.#output = output
    this.#root = root
    this.#fileCount = fileCount
  }

  line(text: string): void {
    this.#clearStatus()
    this.#output.write(text + '\n')
  }

  /** Takes note of an event of a running process, for the moving line. */
  event(event: TestEvent): void {
    if (event.type === 'pass') this.#seen.passed += 1
    if (event.type === 'fail') this.#seen.failed += 1
    if (event.type === 'begin' && event.file !== '') this.#begun.add(event.file)
    if (!this.#output.isTTY) return
    const files = `file ${this.#begun.size} of ${this.#fileCount}`
    const { passed, failed } = this.#seen
    this.#clearStatus()
    this.#output.write(`… ${files}, ${passed} passed, ${failed} failed`)
  }

  /** Takes what a process proved, and prints a line for each of its files. */
  results(results: readonly TestResult[]): void {
    this.#results.push(...results)
    for (const [file, ofFile] of groupByFile(results)) {
      const mark = ofFile.some(({ outcome }) => outcome === 'failed') ? '✗' : '✓'
      this.line(`${mark} ${this.#name(file)}: ${countLine(ofFile)}`)
    }
  }

  /**
   * Prints the failures together, then the skipped tests with their reasons, and `N passed, N failed`
   * as the last line of all. Answers whether something ran and nothing failed.
   */
  finish(): boolean {
    const failed = this.#results.filter(({ outcome }) => outcome === 'failed')
    const skipped = this.#results.filter(({ outcome }) => outcome === 'skipped')
    if (failed.length > 0) this.line('\nFailed:')
    failed.forEach((result, i) => this.line(this.#failure(result, i + 1)))
    if (skipped.length > 0) this.line('\nSkipped:')
    for (const { file, title, detail } of skipped) {
      this.line(`- ${this.#name(file)} › ${title}: ${detail}`)
    }
    if (this.#results.length === 0) this.line('\nNo test ran.')
    this.line(`\n${countLine(this.#results)}`)
    return failed.length === 0 && this.#results.length > skipped.length
  }

  #failure({ file, title, detail }: TestResult, number: number): string {
    const indented = detail.split('\n').map((line) => `   ${line}`)
    return [`\n${number}) ${this.#name(file)} › ${title}`, ...indented, this.#again(file, title)]
      .filter((line) => line !== '')
      .join('\n')
  }

  #again(file: string, title: string): string {
    if (file === '' || file.includes(', ')) return ''
    const only = /^\(|"(before|after) (all|each)" hook/.test(title) ? '' : ` -f ${quote(title)}`
    return `   again: npx mocha ${this.#name(file)}${only}`
  }

  #name(file: string): string {
    if (file === '') return '(all files)'
    const names = file.split(', ').map((path) => {
      const name = relative(this.#root, path)
      return name.startsWith('..') ? path : name.replaceAll('\\', '/')
    })
    return names.join(', ')
  }

  #clearStatus(): void {
    if (this.#output.isTTY) this.#output.write('\r\u001b[2K')
  }
}

/** `N passed, N failed`, and `, N skipped` where any was. */
export function countLine(results: readonly TestResult[]): string {
  const count = (wanted: TestResult['outcome']): number =>
    results.filter(({ outcome }) => outcome === wanted).length
  const skipped = count('skipped')
  const line = `${count('passed')} passed, ${count('failed')} failed`
  return skipped > 0 ? `${line}, ${skipped} skipped` : line
}

function groupByFile(results: readonly TestResult[]): Map<string, TestResult[]> {
  const byFile = new Map<string, TestResult[]>()
  for (const result of results) {
    byFile.set(result.file, [...(byFile.get(result.file) ?? []), result])
  }
  return byFile
}

/** One word for the shells that people use. */
function quote(text: string): string {
  return process.platform === 'win32'
    ? `"${text.replaceAll('"', '\\"')}"`
    : `'${text.replaceAll("'", `'\\''`)}'`
}
