import { createMemoryStore } from '../../../frontend/storage/memory-store.ts'
import { describeLocalStore } from '../../support/local-store-contract.ts'

describeLocalStore('memory', async () => {
  const store = createMemoryStore()
  return { store, anotherTab: async () => store, close: async () => store.close() }
})
