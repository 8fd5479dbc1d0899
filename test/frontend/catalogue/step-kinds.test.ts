import { expect } from 'chai'
import fc from 'fast-check'
import { kindOfN8nType } from '../../../domain/formats/n8n-kinds.ts'
import { jsonIssue } from '../../../domain/json.ts'
import { KIND_GROUPS, isKnownKind, stepKind } from '../../../frontend/catalogue/step-kinds.ts'
import { summaryOf } from '../../../frontend/catalogue/step-summary.ts'
import { words } from '../../../frontend/catalogue/words.ts'

const all = KIND_GROUPS.flatMap((group) => group.kinds)

describe('the table of step kinds', () => {
  it('names each kind once, with a title and one line that fits the palette', () => {
    expect(new Set(all.map((kind) => kind.id)).size).to.equal(all.length)
    expect(new Set(all.map((kind) => kind.title)).size).to.equal(all.length)
    for (const { id, description } of all) {
      expect(description.length, id).to.be.within(5, 24)
    }
  })

  it('gives each a config that an event may hold', () => {
    for (const kind of all) expect(jsonIssue(kind.defaults), kind.id).to.equal(null)
  })

  it('knows every kind that an import of n8n makes', () => {
    const types = [
      ...['scheduleTrigger', 'webhook', 'manualTrigger', 'httpRequest', 'set', 'code', 'postgres'],
      ...['slack', 'if', 'switch', 'merge', 'splitInBatches', 'wait', 'noOp', 'stopAndError'],
      ...['filter', 'executeWorkflow', 'executeCommand', 'respondToWebhook', 'formTrigger'],
    ].map((name) => `n8n-nodes-base.${name}`)
    const langchain = [
      ...['agent', 'lmChatOpenAi', 'memoryBufferWindow', 'toolWorkflow', 'vectorStoreInMemory'],
      ...['outputParserStructured', 'embeddingsOpenAi', 'retrieverVectorStore', 'chatTrigger'],
      ...['documentDefaultDataLoader', 'textSplitterTokenSplitter'],
    ].map((name) => `@n8n/n8n-nodes-langchain.${name}`)
    for (const type of [...types, ...langchain]) {
      expect(isKnownKind(kindOfN8nType(type)), type).to.equal(true)
    }
  })
})

describe('a kind that is not in the table', () => {
  it('has a card all the same, with its own name', () => {
    expect(stepKind('weatherStation').title).to.equal('Weather station')
    expect(stepKind('').title).to.equal('Step')
    expect(stepKind('__proto__').inputs).to.deep.equal(['in0'])
  })

  it('is called an imported step where it came by an import', () => {
    expect(stepKind('foreign.n8n').title).to.equal('Imported step')
  })
})

describe('the line under a step’s name', () => {
  const line = (kind: string, config = {}, foreign?: object) =>
    summaryOf({ kind, name: 'A name', config, ...(foreign && { foreign: foreign as never }) })

  it('says what the config says most', () => {
    const request = { method: 'get', url: 'https://shop.example/api/orders?page=2' }
    expect(line('http', request)).to.equal('GET /api/orders')
    expect(line('http', { url: 'https://shop.example' })).to.equal('GET shop.example')
    expect(line('database', { engine: 'postgres', table: 'orders' })).to.equal('postgres, orders')
    expect(line('wait', { amount: 5, unit: 'minutes' })).to.equal('5 minutes')
    expect(line('ai-agent', { tools: ['search'] })).to.equal('1 tool')
  })

  it('reads the config of an imported step', () => {
    const rules = { rules: { values: [{}, {}, {}] } }
    expect(line('switch', rules)).to.equal('3 rules')
    const model = { model: { __rl: true, value: 'gpt-4.1', cachedResultName: 'GPT 4.1' } }
    expect(line('ai-model', model)).to.equal('GPT 4.1')
    const cron = { rule: { interval: [{ field: 'cronExpression', expression: '0 9 * * 1' }] } }
    expect(line('schedule', cron)).to.equal('0 9 * * 1')
    expect(line('webhook', { path: '=orders', httpMethod: 'POST' })).to.equal('POST orders')
  })

  it('says what an imported step was', () => {
    const foreign = { n8n: { type: 'n8n-nodes-base.googleSheets' } }
    expect(line('foreign.n8n', { operation: 'append' }, foreign)).to.equal('Google sheets, append')
    expect(line('notify', {}, { n8n: { type: 'n8n-nodes-base.slack' } })).to.equal('Slack')
  })

  it('says what kind of step it is when there is nothing else to say, and never says a name twice', () => {
    expect(line('code')).to.equal('Code')
    expect(summaryOf({ kind: 'code', name: 'Code', config: {} })).to.equal('Run a script')
    const split = { kind: 'noop', name: 'Split Out', config: {} }
    const foreign = { n8n: { type: 'n8n-nodes-base.splitOut' } }
    expect(summaryOf({ ...split, foreign })).to.equal('Nothing')
  })

  it('is one short line, whatever the config', () => {
    const kinds = fc.constantFrom(...all.map((kind) => kind.id), 'foreign.n8n', 'unknown')
    const keys = fc.constantFrom(
      'url',
      'method',
      'model',
      'rules',
      'value',
      'cron',
      'batchSize',
      'x',
    )
    const config = fc.dictionary(keys, fc.jsonValue())
    fc.assert(
      fc.property(kinds, config, fc.jsonValue(), (kind, given, foreign) => {
        const shown = summaryOf({
          kind,
          name: 'N',
          config: given as never,
          foreign: foreign as never,
        })
        expect(shown).to.not.equal('')
        expect(shown.length).to.be.at.most(80)
        expect(shown).to.not.match(/[\n\r]/)
      }),
      { numRuns: 500 },
    )
  })
})

describe('an identifier as words', () => {
  it('begins with a capital and has spaces', () => {
    const names = ['googleSheets', 'google-sheets', 'google_sheets', 'Google Sheets']
    expect(new Set(names.map(words))).to.deep.equal(new Set(['Google sheets']))
  })
})
