/** This project's own merge, with its conflicts and its graph rules, asked as the editor asks. */
import type { PipelineEvent, StoredEvent } from '../../../domain/events/event.ts'
import type { Position, Revision } from '../../../domain/ids.ts'
import { conflictsOf } from '../../../domain/pipeline/conflicts.ts'
import { effectiveGraph } from '../../../domain/pipeline/effective-graph.ts'
import { evolve, evolveAll } from '../../../domain/pipeline/evolve.ts'
import {
  restoreSnapshot,
  takeSnapshot,
  type StateSnapshot,
} from '../../../domain/pipeline/snapshot.ts'
import { exists, initialState, type PipelineState } from '../../../domain/pipeline/state.ts'
import { Journey, Snapshots, stateAt } from '../../../domain/pipeline/time-travel.ts'
import { viewOf } from '../../../domain/pipeline/view.ts'
import { archiveOf } from './archive.ts'
import { MOMENTS, type Contestant, type Copy, type Message, type Prepared } from './contestant.ts'
import { eventMessages } from './event-messages.ts'
import { inPushes } from './exchange.ts'
import { bytesOf, wireBytesOf } from './sizes.ts'
import { setsOf } from './trace-sets.ts'
import { eventsOf, PIPELINE, SHORT, traceStepId, type Trace } from './trace.ts'

const parsed = (message: Message) => JSON.parse(message as string) as PipelineEvent[]

export const tributary: Contestant = {
  prepare,
  stepId: traceStepId,
  start: (start) => copyOf(evolveAll(initialState(PIPELINE), parsed(start))),
  open: (stored) => copyOf(restoreSnapshot(JSON.parse(stored as string) as StateSnapshot)!),
  past({ history }) {
    const stored = parsed(history!).map(storedAs)
    const snapshots = new Snapshots()
    const journey = new Journey(PIPELINE, { revision: stored.length })
    for (const event of stored) {
      journey.take(event)
      snapshots.offer(journey.at)
    }
    return (revision) => copyOf(stateAt(stored, { revision: revision as number }, snapshots)!.state)
  },
}

/** As the log would give it, as far as travelling in time looks at that. */
function storedAs(event: PipelineEvent, index: number): StoredEvent<PipelineEvent> {
  const [revision, position] = [index + 1, index + 1] as [Revision, Position]
  return { revision, position, recordedAt: '', prevHash: '', hash: '', event }
}

function copyOf(state: PipelineState): Copy {
  return {
    // The graph is on the screen, so that it is asked for after every change.
    receive(message) {
      for (const event of parsed(message)) evolve(state, event)
      effectiveGraph(state)
    },
    receiveBatch([batch]) {
      evolveAll(state, parsed(batch!))
      effectiveGraph(state)
      conflictsOf(state)
    },
    settle: () => void conflictsOf(state),
    read: () => viewOf(state),
    reached: () =>
      setsOf(
        [...state.steps.values()].filter(exists).map(({ id }) => id),
        [...effectiveGraph(state).connections.values()].map(({ ends: { from, to } }) => ({
          id: from.port,
          from: from.stepId,
          to: to.stepId,
        })),
      ),
  }
}

function prepare(trace: Trace): Prepared {
  const { initial, byOp } = eventsOf(trace)
  const events = [...initial, ...byOp.flat()]
  const revisions = MOMENTS.map((count) => initial.length + byOp.slice(0, count).flat().length)
  return {
    ...eventMessages(trace),
    stored: JSON.stringify(takeSnapshot(evolveAll(initialState(PIPELINE), events))),
    storedStart: JSON.stringify(takeSnapshot(evolveAll(initialState(PIPELINE), initial))),
    history: JSON.stringify(events),
    moments: revisions,
    bytes: sizesOf(trace),
  }
}

const ENVELOPE = 'full envelope as JSON'
const COLUMNS = 'columns, short ids'

function sizesOf(trace: Trace): Prepared['bytes'] {
  const full = eventsOf(trace)
  const short = eventsOf(trace, SHORT)
  const pushesOf = ({ byOp }: typeof full) => inPushes(trace.ops, byOp).map((push) => push.flat())
  return {
    archives: {
      [COLUMNS]: bytesOf(archiveOf([...short.initial, ...short.byOp.flat()])),
      [ENVELOPE]: bytesOf(JSON.stringify([...full.initial, ...full.byOp.flat()])),
    },
    wire: {
      [COLUMNS]: wireBytesOf(pushesOf(short).map(archiveOf), trace.ops.length),
      [ENVELOPE]: wireBytesOf(
        pushesOf(full).map((push) => JSON.stringify(push)),
        trace.ops.length,
      ),
    },
  }
}
