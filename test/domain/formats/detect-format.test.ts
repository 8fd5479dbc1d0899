import { expect } from 'chai'
import { detectFormat, refuseFormat } from '../../../domain/formats/detect-format.ts'
import { n8nFile } from './import-fixture.ts'

describe('the format of a text', () => {
  const flow = [{ id: '1', type: 'tab' }]
  for (const [what, text, format] of [
    ['an n8n workflow', n8nFile('orders'), 'n8n'],
    ['an empty n8n workflow', '{"nodes":[],"connections":{}}', 'n8n'],
    ['copied n8n nodes', '{"nodes":[{"type":"n8n-nodes-base.set"}]}', 'n8n'],
    ['a wrapped n8n workflow', '{"data":{"nodes":[],"connections":{}}}', 'n8n'],
    ['a Tributary file', '{"format":"tributary/pipeline","nodes":{}}', 'tributary'],
    ['a Node-RED flow', JSON.stringify(flow), 'node-red'],
    ['Node-RED flows with a revision', JSON.stringify({ rev: 'a', flows: flow }), 'node-red'],
    [
      'a GitHub Actions workflow',
      'name: CI\n"on": [push]\n\njobs: # all\n  a:\n',
      'github-actions',
    ],
    ['one after a byte order mark', '\uFEFFon: push\njobs:\n  a:\n', 'github-actions'],
    ['one as JSON', '{"on":"push","jobs":{}}', 'github-actions'],
    ['jobs that nothing starts', 'jobs:\n  a:\n', null],
    ['a graph of something else', '{"nodes":[{"type":"custom"}],"edges":[]}', null],
    ['a list of something else', '[{"id":1,"type":"a"}]', null],
    ['a number', '42', null],
    ['nothing', '', null],
  ] as const) {
    it(`is ${format ?? 'unknown'} for ${what}`, () => {
      expect(detectFormat(text)).to.equal(format)
    })
  }

  it('is named where it cannot be imported', () => {
    expect(refuseFormat('node-red')).to.deep.equal({
      ok: false,
      code: 'no-importer',
      message: 'This is a Node-RED file, which cannot be imported yet. n8n workflows can.',
    })
  })
})
