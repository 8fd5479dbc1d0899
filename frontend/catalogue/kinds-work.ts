/** What does the work. */
import {
  ArrowLeftRight,
  Bell,
  CodeXml,
  Database,
  FileText,
  Globe,
  Reply,
  Terminal,
  Workflow,
} from '@lucide/vue'
import { countOf, joined, requestOf, textOf } from './config-text.ts'
import { flowing, type KindGroup } from './step-kind.ts'

export const WORK_KINDS: KindGroup = {
  title: 'Steps',
  kinds: [
    flowing({
      id: 'http',
      title: 'HTTP request',
      description: 'Call an API',
      icon: Globe,
      colour: 'blue',
      defaults: { method: 'GET', url: '', timeoutSeconds: 30, retries: 0 },
      summary: (config) => requestOf(config, 'url', 'path'),
    }),
    flowing({
      id: 'transform',
      title: 'Transform',
      description: 'Map and reshape',
      icon: ArrowLeftRight,
      colour: 'purple',
      defaults: { language: 'jsonata', expression: '' },
      summary: (config) =>
        textOf(config, 'language', 'expression', 'operation') ||
        countOf(config, ['assignments', 'fields', 'values'], 'field', 'fields') ||
        textOf(config, 'mode'),
    }),
    flowing({
      id: 'code',
      title: 'Code',
      description: 'Run a script',
      icon: CodeXml,
      colour: 'grey',
      defaults: { language: 'typescript', source: '' },
      summary: (config) =>
        textOf(config, 'language') ||
        (textOf(config, 'pythonCode') ? 'python' : textOf(config, 'jsCode') ? 'javascript' : ''),
    }),
    flowing({
      id: 'database',
      title: 'Database',
      description: 'Query or write',
      icon: Database,
      colour: 'teal',
      defaults: { engine: 'postgres', query: '' },
      summary: (config) =>
        joined(
          textOf(config, 'engine'),
          textOf(config, 'operation'),
          textOf(config, 'table', 'tableId', 'collection'),
        ),
    }),
    flowing({
      id: 'notify',
      title: 'Notify',
      description: 'Mail, chat, webhook',
      icon: Bell,
      colour: 'pink',
      defaults: { channel: 'chat', to: '', message: '' },
      summary: (config) => joined(textOf(config, 'channel', 'channelId'), textOf(config, 'to')),
    }),
    flowing({
      id: 'file',
      title: 'File',
      description: 'Read or write a file',
      icon: FileText,
      colour: 'teal',
      defaults: { operation: 'read', path: '' },
      summary: (config) =>
        joined(textOf(config, 'operation'), textOf(config, 'path', 'fileName', 'bucketName')),
    }),
    flowing({
      id: 'command',
      title: 'Command',
      description: 'Run a program',
      icon: Terminal,
      colour: 'grey',
      defaults: { command: '' },
      summary: (config) => textOf(config, 'command'),
    }),
    flowing({
      id: 'pipeline',
      title: 'Pipeline',
      description: 'Run another pipeline',
      icon: Workflow,
      colour: 'purple',
      defaults: { pipeline: '' },
      summary: (config) => textOf(config, 'pipeline', 'workflowId'),
    }),
    flowing({
      id: 'respond',
      title: 'Respond',
      description: 'Answer the request',
      icon: Reply,
      colour: 'blue',
      defaults: { status: 200, body: '' },
      summary: (config) => textOf(config, 'status', 'respondWith'),
    }),
  ],
}
