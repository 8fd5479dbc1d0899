import { expect } from 'chai'
import type { ImportReport } from '../../../../domain/formats/imported-pipeline.ts'
import { importSections } from '../../../../frontend/components/import/import-sections.ts'

const CLEAN: ImportReport = {
  steps: 3,
  connections: 2,
  notes: 0,
  cycles: 0,
  needsLayout: false,
  unmapped: [],
  dangling: [],
  credentials: [],
  secrets: [],
  warnings: [],
}

describe('the report of an import', () => {
  it('has nothing to say where everything came over', () => {
    expect(importSections(CLEAN)).to.deep.equal([])
  })

  it('says what a cycle means for the pipeline', () => {
    expect(importSections({ ...CLEAN, cycles: 1 })[0]?.lines).to.deep.equal([
      '1 connection closes a cycle, so this pipeline allows cycles.',
    ])
    expect(importSections({ ...CLEAN, cycles: 6, warnings: ['Look.'] })[0]?.lines).to.deep.equal([
      '6 connections close a cycle, so this pipeline allows cycles.',
      'Look.',
    ])
  })

  it('lists each kind of loss under a heading that counts it', () => {
    const sections = importSections({
      ...CLEAN,
      cycles: 1,
      dangling: [{ from: 'A', fromPort: 'o', to: 'B', toPort: 'i', why: 'B is not there.' }],
      unmapped: [
        { what: 'The “x” setting', where: 'A', why: 'It was left out.' },
        { what: 'Pinned data', where: '', why: 'It may be personal.' },
      ],
      credentials: [{ type: 'slackApi', name: null, where: '"Tell"' }],
      secrets: [{ where: 'A', looksLike: 'an API key' }],
    })
    expect(sections).to.deep.equal([
      {
        title: '1 connection left out: an end is missing',
        lines: ['A to B: B is not there.'],
        lost: true,
      },
      {
        title: 'Good to know',
        lines: ['1 connection closes a cycle, so this pipeline allows cycles.'],
      },
      {
        title: '2 parts kept as imported or left out',
        lines: ['A: The “x” setting. It was left out.', 'Pinned data. It may be personal.'],
      },
      { title: '1 credential to map', lines: ['slackApi, used by "Tell"'] },
      { title: '1 possible secret', lines: ['A: an API key'] },
    ])
  })
})
