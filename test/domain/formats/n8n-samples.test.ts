import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { detectFormat } from '../../../domain/formats/detect-format.ts'
import { exportN8n } from '../../../domain/formats/n8n-export.ts'
import { skipBecause } from '../../support/skip-because.ts'
import { imported, withoutIds } from './import-fixture.ts'
import { sameWorkflow } from './same-workflow.ts'

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../../..')
const SAMPLES = resolve(ROOT, process.env['SAMPLES_DIR'] ?? '../shared/data/pipelines')

interface Sample {
  readonly name: string
  readonly text: string
  readonly nodes: number
  readonly edges: number
  readonly notes: number
  readonly dangling: number
}

/** The samples of n8n that are here, with what `SOURCES.tsv` says of each. */
function readSamples(): Sample[] {
  const lines = readFileSync(join(SAMPLES, 'SOURCES.tsv'), 'utf8').trim().split('\n').slice(1)
  const sources = new Map(lines.map((line) => [line.split('\t')[0]!, line.split('\t')]))
  return readdirSync(join(SAMPLES, 'n8n')).map((file) => {
    const source = sources.get(`n8n/${file}`)
    if (!source) throw new Error(`SOURCES.tsv says nothing of n8n/${file}.`)
    const [nodes, edges, extra] = source.slice(6)
    // A quoted field, its quotes doubled.
    const { sticky, dangling } = JSON.parse(extra!.trim().slice(1, -1).replaceAll('""', '"')) as {
      sticky: number
      dangling: number
    }
    const text = readFileSync(join(SAMPLES, 'n8n', file), 'utf8')
    const counts = { nodes: Number(nodes), edges: Number(edges), notes: sticky, dangling }
    return { name: file, text, ...counts }
  })
}

describe('workflows that nobody of this project wrote', () => {
  let samples: Sample[] = []

  before(function () {
    if (!existsSync(join(SAMPLES, 'n8n'))) {
      skipBecause(this, `there are no samples in ${SAMPLES}; set SAMPLES_DIR to a folder of them`)
    }
    samples = readSamples()
    expect(samples).not.to.deep.equal([])
  })

  it('are all detected and imported, with every node and every connection accounted for', () => {
    for (const { name, text, ...expected } of samples) {
      expect(detectFormat(text), name).to.equal('n8n')
      const { report } = imported(text)
      expect(
        {
          nodes: report.steps + report.notes,
          edges: report.connections + report.dangling.length,
          notes: report.notes,
          dangling: report.dangling.length,
        },
        name,
      ).to.deep.equal(expected)
    }
  })

  it('are laid out so that our wider cards do not cover each other', () => {
    for (const { name, text } of samples) {
      const { steps } = imported(text).pipeline
      const covering = steps.filter((step, index) =>
        steps.slice(index + 1).some(({ placement: { x, y } }) => {
          const { placement } = step
          return Math.abs(placement.x - x) < 188 && Math.abs(placement.y - y) < 58
        }),
      )
      expect(covering, name).to.deep.equal([])
    }
  })

  it('have dangling connections among them', () => {
    expect(samples.some(({ dangling }) => dangling > 0)).to.equal(true)
  })

  it('are exported as the same workflow, where nothing dangles', () => {
    for (const { name, text, dangling } of samples) {
      if (dangling > 0) continue
      const exported = exportN8n(imported(text).pipeline)
      const { name: called = 'Imported workflow', ...original } = JSON.parse(text)
      const expected = sameWorkflow({ name: called, ...original })
      expect(sameWorkflow(exported), name).to.deep.equal(withoutEmptyDescription(expected))
    }
  })

  it('are imported again as the same pipeline', () => {
    for (const { name, text } of samples) {
      const first = imported(text).pipeline
      const second = imported(JSON.stringify(exportN8n(first))).pipeline
      expect(withoutIds(second), name).to.deep.equal(withoutIds(first))
    }
  })
})

function withoutEmptyDescription({ description, ...rest }: Record<string, unknown>) {
  return description === ''
    ? rest
    : { ...rest, ...(description === undefined ? {} : { description }) }
}
