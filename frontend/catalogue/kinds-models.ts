/** Models, and what they use: a memory, tools, documents. */
import {
  BookOpen,
  Bot,
  Braces,
  Brain,
  FileSearch,
  Library,
  ScissorsLineDashed,
  Sparkles,
  Wrench,
  Binary,
} from '@lucide/vue'
import { countOf, textOf } from './config-text.ts'
import { flowing, used, type KindGroup } from './step-kind.ts'

export const MODEL_KINDS: KindGroup = {
  title: 'Models',
  kinds: [
    flowing({
      id: 'ai-model',
      title: 'Model',
      description: 'Ask a model',
      icon: Sparkles,
      colour: 'sky',
      outputs: ['out0', 'ai_languageModel'],
      defaults: { model: '', prompt: '' },
      summary: (config) => textOf(config, 'model', 'modelName', 'modelId', 'prompt'),
    }),
    flowing({
      id: 'ai-agent',
      title: 'Agent',
      description: 'A model with tools',
      icon: Bot,
      colour: 'sky',
      inputs: ['in0', 'ai_languageModel', 'ai_memory', 'ai_tool'],
      defaults: { prompt: '' },
      summary: (config) =>
        countOf(config, ['tools'], 'tool', 'tools') || textOf(config, 'prompt', 'text'),
    }),
    used('ai_memory', {
      id: 'ai-memory',
      title: 'Memory',
      description: 'What a model remembers',
      icon: Brain,
      summary: (config) => textOf(config, 'tableName', 'sessionKey'),
    }),
    used('ai_tool', {
      id: 'ai-tool',
      title: 'Tool',
      description: 'What an agent can do',
      icon: Wrench,
      defaults: { description: '' },
      summary: (config) => textOf(config, 'url', 'description', 'toolDescription', 'operation'),
    }),
    used('ai_outputParser', {
      id: 'ai-parser',
      title: 'Output form',
      description: 'How a model answers',
      icon: Braces,
    }),
    flowing({
      id: 'ai-vector-store',
      title: 'Vector store',
      description: 'Find by meaning',
      icon: Library,
      colour: 'sky',
      inputs: ['in0', 'ai_embedding', 'ai_document'],
      summary: (config) => textOf(config, 'mode', 'tableName', 'qdrantCollection'),
    }),
    used('ai_embedding', {
      id: 'ai-embedding',
      title: 'Embedding',
      description: 'Text as numbers',
      icon: Binary,
      summary: (config) => textOf(config, 'model', 'modelName'),
    }),
    used('ai_retriever', {
      id: 'ai-retriever',
      title: 'Retriever',
      description: 'Look up in a store',
      icon: FileSearch,
      inputs: ['ai_vectorStore'],
    }),
    used('ai_document', {
      id: 'ai-document',
      title: 'Document',
      description: 'Text to be stored',
      icon: BookOpen,
      inputs: ['ai_textSplitter'],
    }),
    used('ai_textSplitter', {
      id: 'ai-text-splitter',
      title: 'Splitter',
      description: 'Cut text in pieces',
      icon: ScissorsLineDashed,
      summary: (config) => textOf(config, 'chunkSize'),
    }),
  ],
}
