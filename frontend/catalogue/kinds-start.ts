/** What starts a run. */
import { Clock, FormInput, LogIn, MessageCircle, Play, Webhook } from '@lucide/vue'
import { deepTextOf, requestOf, textOf } from './config-text.ts'
import { starting, type KindGroup } from './step-kind.ts'

export const START_KINDS: KindGroup = {
  title: 'Start',
  kinds: [
    starting({
      id: 'schedule',
      title: 'Schedule',
      description: 'Start at a time',
      icon: Clock,
      defaults: { cron: '0 * * * *' },
      summary: (config) =>
        textOf(config, 'cron', 'every', 'at') || deepTextOf(config, 'expression', 'field'),
    }),
    starting({
      id: 'webhook',
      title: 'Webhook',
      description: 'Start on a request',
      icon: Webhook,
      defaults: { method: 'POST', path: '' },
      summary: (config) => requestOf(config, 'path', 'url'),
    }),
    starting({
      id: 'manual',
      title: 'Manual start',
      description: 'Start by hand',
      icon: Play,
    }),
    starting({
      id: 'form',
      title: 'Form',
      description: 'Start from a form',
      icon: FormInput,
      defaults: { title: '' },
      summary: (config) => textOf(config, 'title', 'formTitle', 'path'),
    }),
    starting({
      id: 'chat',
      title: 'Chat',
      description: 'Start on a message',
      icon: MessageCircle,
    }),
    starting({
      id: 'pipeline-input',
      title: 'Called',
      description: 'Start from a pipeline',
      icon: LogIn,
    }),
  ],
}
