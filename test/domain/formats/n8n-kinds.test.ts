import { expect } from 'chai'
import { kindOfN8nType, n8nTypeOfKind } from '../../../domain/formats/n8n-kinds.ts'

describe('the kind of an n8n type', () => {
  for (const [type, kind] of [
    ['n8n-nodes-base.scheduleTrigger', 'schedule'],
    ['n8n-nodes-base.cron', 'schedule'],
    ['n8n-nodes-base.set', 'transform'],
    ['n8n-nodes-base.if', 'condition'],
    ['n8n-nodes-base.googleSheetsTool', 'ai-tool'],
    ['n8n-nodes-base.openAi', 'ai-model'],
    ['@n8n/n8n-nodes-langchain.agent', 'ai-agent'],
    ['@n8n/n8n-nodes-langchain.chainSummarization', 'ai-agent'],
    ['@n8n/n8n-nodes-langchain.lmChatOfTomorrow', 'ai-model'],
    ['@n8n/n8n-nodes-langchain.vectorStoreQdrant', 'ai-vector-store'],
    ['n8n-nodes-base.googleSheets', 'foreign.n8n'],
    ['somebody-else.set', 'foreign.n8n'],
    ['', 'foreign.n8n'],
  ] as const) {
    it(`is ${kind} for "${type}"`, () => {
      expect(kindOfN8nType(type)).to.equal(kind)
    })
  }

  it('leads back to a type', () => {
    expect(n8nTypeOfKind('code')).to.equal('n8n-nodes-base.code')
    expect(n8nTypeOfKind('ai-model')).to.equal('@n8n/n8n-nodes-langchain.lmChatOpenAi')
    expect(n8nTypeOfKind('foreign.n8n')).to.equal(null)
    expect(n8nTypeOfKind('constructor')).to.equal(null)
  })
})
