/** What decides the way on. */
import { Circle, Diamond, Filter, Hourglass, Merge, OctagonX, Repeat, Split } from '@lucide/vue'
import { countOf, textOf } from './config-text.ts'
import { flowing, type KindGroup, type StepConfig } from './step-kind.ts'

const conditions = (config: StepConfig) =>
  textOf(config, 'expression') || countOf(config, ['conditions'], 'condition', 'conditions')

export const FLOW_KINDS: KindGroup = {
  title: 'Flow',
  kinds: [
    flowing({
      id: 'condition',
      title: 'Condition',
      description: 'Branch on a rule',
      icon: Diamond,
      colour: 'amber',
      outputs: ['out0', 'out1'],
      portTitles: { out0: 'True', out1: 'False' },
      defaults: { expression: '' },
      summary: conditions,
    }),
    flowing({
      id: 'switch',
      title: 'Switch',
      description: 'One of many ways',
      icon: Split,
      colour: 'amber',
      outputs: ['out0', 'out1', 'out2'],
      defaults: { expression: '' },
      summary: (config) =>
        textOf(config, 'expression', 'value') || countOf(config, ['rules'], 'rule', 'rules'),
    }),
    flowing({
      id: 'filter',
      title: 'Filter',
      description: 'Keep what fits a rule',
      icon: Filter,
      colour: 'amber',
      defaults: { expression: '' },
      summary: conditions,
    }),
    flowing({
      id: 'merge',
      title: 'Merge',
      description: 'Bring ways together',
      icon: Merge,
      colour: 'amber',
      inputs: ['in0', 'in1'],
      defaults: { mode: 'append' },
      summary: (config) => textOf(config, 'mode', 'combineBy'),
    }),
    flowing({
      id: 'loop',
      title: 'Loop',
      description: 'Once for each item',
      icon: Repeat,
      colour: 'amber',
      outputs: ['out0', 'out1'],
      portTitles: { out0: 'Done', out1: 'Loop' },
      defaults: { batchSize: 1 },
      summary: (config) => {
        const size = textOf(config, 'batchSize')
        return size === '' ? '' : size === '1' ? 'one at a time' : `${size} at a time`
      },
    }),
    flowing({
      id: 'wait',
      title: 'Wait',
      description: 'Pause for a time',
      icon: Hourglass,
      colour: 'amber',
      defaults: { amount: 5, unit: 'minutes' },
      summary: (config) =>
        [textOf(config, 'amount', 'duration'), textOf(config, 'unit')].filter(Boolean).join(' '),
    }),
    flowing({
      id: 'stop',
      title: 'Stop',
      description: 'End with an error',
      icon: OctagonX,
      colour: 'orange',
      outputs: [],
      defaults: { message: '' },
      summary: (config) => textOf(config, 'message', 'errorMessage'),
    }),
    flowing({
      id: 'noop',
      title: 'Nothing',
      description: 'Pass everything on',
      icon: Circle,
      colour: 'grey',
    }),
  ],
}
