/** What happens on purpose in a run, as data: it follows from the seed, and can be cut down. */
import fc from 'fast-check'
import type { Command } from '../../domain/pipeline/commands.ts'
import type { StepId } from '../../domain/ids.ts'
import { anyCommand } from '../domain/pipeline/any-command.ts'
import { namedUuid } from '../support/events.ts'
import { Randomness } from './randomness.ts'

export type Action = { readonly atMs: number } & (
  | {
      readonly do: 'edit'
      readonly device: number
      readonly pipeline: number
      readonly commands: readonly Command[]
    }
  | { readonly do: 'undo' | 'redo'; readonly device: number; readonly pipeline: number }
  | { readonly do: 'create'; readonly device: number }
  | { readonly do: 'offline'; readonly device: number; readonly forMs: number }
  | { readonly do: 'kill' | 'clone' | 'open-tab'; readonly device: number }
  | { readonly do: 'freeze'; readonly device: number; readonly forMs: number }
  | { readonly do: 'jump'; readonly device: number; readonly byMs: number }
  | { readonly do: 'slow'; readonly device: number; readonly forMs: number }
  | {
      readonly do: 'role'
      readonly person: number
      readonly role: 'viewer' | 'none'
      readonly forMs: number
    }
  | { readonly do: 'kill-server'; readonly node: number }
  | { readonly do: 'backup' | 'restore' }
)

/** All that a script can hold. */
export const ACTIONS = [
  ...([
    'edit',
    'undo',
    'redo',
    'create',
    'offline',
    'kill',
    'clone',
    'open-tab',
    'freeze',
  ] as const),
  ...(['jump', 'slow', 'role', 'kill-server', 'backup', 'restore'] as const),
] satisfies readonly Action['do'][]

export const DEVICES = 4
export const PEOPLE = 3
export const NODES = 2
/** How long the faults go on, in virtual time. */
export const FAULTY_MS = 120_000

const HOUR_MS = 3_600_000

const step = fc.nat(3).map((n) => namedUuid('step', n) as StepId)
const gestures: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: anyCommand },
  { weight: 2, arbitrary: fc.constant<Command>({ type: 'SetGraphRule', graphRule: 'acyclic' }) },
  {
    weight: 12,
    arbitrary: fc
      .record({ stepId: step, key: fc.constantFrom('k0', 'k1'), value: fc.nat(3) })
      .map((fields): Command => ({ type: 'ConfigureStep', ...fields })),
  },
  {
    weight: 8,
    arbitrary: fc
      .tuple(step, step)
      .map(([from, to]): Command => ({ type: 'Connect', ...ends(from, to) })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ stepId: step, name: fc.constantFrom('A', 'B', 'C') })
      .map((fields): Command => ({ type: 'RenameStep', ...fields })),
  },
)
function ends(from: StepId, to: StepId) {
  return { from: { stepId: from, port: 'out0' }, to: { stepId: to, port: 'in0' } }
}

/** What the log refuses to store, wherever it stands in a queue. */
export const POISON = 'poison'

const KINDS = [
  ...(['offline', 'kill', 'clone', 'open-tab', 'freeze', 'jump', 'slow', 'role'] as const),
  ...(['kill-server', 'restore', 'poison', 'create', 'archive', 'burst'] as const),
]
type Kind = (typeof KINDS)[number]

/** The script of a seed. Which kinds of events it has at all is chance too. */
export function scriptOf(seed: number): Action[] {
  const random = new Randomness(seed)
  const allowed = new Set<Kind>(KINDS.filter(() => random.oneIn(2)))
  const commands = fc.sample(gestures, { seed, numRuns: random.between(60, 160) })
  // One more than there are at first, for a copy.
  const someone = () => random.between(0, DEVICES)
  const when = () => random.between(0, FAULTY_MS)
  const pipeline = () => (random.oneIn(4) ? 1 : 0)
  const actions: Action[] = commands
    .filter(({ type }) => allowed.has('archive') || type !== 'ArchivePipeline')
    .map((command) => ({
      ...{ do: 'edit', atMs: when(), device: someone(), pipeline: pipeline() },
      commands: [command],
    }))
  for (let n = random.between(0, 10); n > 0; n--) {
    const which = random.oneIn(3) ? 'redo' : 'undo'
    actions.push({ do: which, atMs: when(), device: someone(), pipeline: pipeline() })
  }
  for (const kind of allowed) actions.push(...happenings(kind, random, { someone, when, pipeline }))
  // Of a chance of its own, so that seeds keep the scripts that they had without it.
  const later = new Randomness(seed ^ 0x1a7e)
  if (later.oneIn(6)) actions.push(...roleTakenFromQueue(later))
  return actions.sort((a, b) => a.atMs - b.atMs)
}

interface Chooser {
  readonly someone: () => number
  readonly when: () => number
  readonly pipeline: () => number
}

function happenings(
  kind: Kind,
  random: Randomness,
  { someone, when, pipeline }: Chooser,
): Action[] {
  const times = (most: number, make: () => Action): Action[] =>
    Array.from({ length: random.between(1, most) }, make)
  const forMs = () => random.between(1_000, 40_000)
  switch (kind) {
    case 'offline':
    case 'freeze':
    case 'slow':
      return times(6, () => ({ do: kind, atMs: when(), device: someone(), forMs: forMs() }))
    case 'kill':
    case 'open-tab':
      return times(4, () => ({ do: kind, atMs: when(), device: someone() }))
    case 'clone':
      return [{ do: 'clone', atMs: when(), device: someone() }]
    case 'jump': {
      const by = [HOUR_MS, -HOUR_MS, 24 * HOUR_MS, -24 * HOUR_MS, 90_000]
      return times(3, () => {
        return { do: 'jump', atMs: when(), device: someone(), byMs: random.pick(by) }
      })
    }
    case 'role':
      return times(2, () => {
        const role = random.oneIn(2) ? 'viewer' : 'none'
        const person = random.between(1, PEOPLE - 1)
        return { do: 'role', atMs: when(), person, role, forMs: forMs() }
      })
    case 'kill-server':
      return times(3, () => ({ do: kind, atMs: when(), node: random.between(0, NODES - 1) }))
    case 'restore': {
      const atMs = random.between(0, FAULTY_MS / 2)
      const later = random.between(atMs, FAULTY_MS)
      return [
        { do: 'backup', atMs },
        { do: 'restore', atMs: later },
      ]
    }
    case 'poison':
      return times(3, () => edit(poisoned()))
    case 'create':
      return times(2, () => ({ do: 'create', atMs: when(), device: someone() }))
    case 'archive':
      return times(2, () =>
        edit([{ type: random.oneIn(2) ? 'ArchivePipeline' : 'UnarchivePipeline' }]),
      )
    case 'burst':
      return [edit(manyEdits()), edit(Array.from({ length: 40 }, (_, n) => configure(-n)))]
  }

  function edit(commands: readonly Command[]): Action {
    return { do: 'edit', atMs: when(), device: someone(), pipeline: pipeline(), commands }
  }
}

/** A queue with fatal refusals in its middle, of which one takes with it what depends on it. */
function poisoned(): Command[] {
  const refused = namedUuid('step', POISON) as StepId
  const made = { kind: 'http', name: POISON, placement: { x: 0, y: 0 } }
  return [
    configure(101),
    { type: 'AddStep', stepId: refused, ...made },
    { type: 'Connect', ...ends(namedUuid('step', 1) as StepId, refused) },
    configure(102),
    configure(POISON),
    configure(103),
  ]
}

function configure(value: string | number): Command {
  return { type: 'ConfigureStep', stepId: namedUuid('step', 0) as StepId, key: 'k0', value }
}

/** What a person does offline on a train: many edits in one go. */
const manyEdits = (): Command[] => Array.from({ length: 200 }, (_, n) => configure(n))

/**
 * The role of a person is taken away while 200 edits of theirs wait, which is found out when the
 * device is online again.
 */
function roleTakenFromQueue(random: Randomness): Action[] {
  // The first person has two devices, and is never without a role.
  const device = random.pick([2, 3])
  const atMs = random.between(0, FAULTY_MS * 0.6)
  const role = random.oneIn(2) ? 'viewer' : 'none'
  return [
    { do: 'offline', atMs, device, forMs: random.between(8_000, 20_000) },
    { do: 'edit', atMs: atMs + 1_000, device, pipeline: 0, commands: manyEdits() },
    { do: 'role', atMs: atMs + 3_000, person: device - 1, role, forMs: 40_000 },
  ]
}
