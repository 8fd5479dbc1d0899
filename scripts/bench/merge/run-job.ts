/** One job of the bench, in this process: its arguments are one `Job` as JSON; see job.ts. */
import {
  LATE_BASE,
  LATE_EDITS,
  MOMENTS,
  type Contestant,
  type Copy,
  type Message,
} from './contestant.ts'
import { CONTESTANTS } from './contestants.ts'
import type { Answer, Job, Sample } from './job.ts'
import { withLateBranch } from './late-branch.ts'
import { readPrepared, writePrepared } from './prepared-files.ts'
import { differenceOf, setsAfter, type TraceSets } from './trace-sets.ts'
import { readTrace, type Trace } from './trace.ts'
import { watchWasmMemory } from './wasm-memory.ts'

/** Milliseconds of CPU that a process works before it counts as warm. */
const WARM_AFTER_MS = 2_000

const wasmMemory = watchWasmMemory()
const collectGarbage = globalThis.gc!

const job = JSON.parse(process.argv[2]!) as Job
const contestant = await CONTESTANTS[job.contestant]()
const answer = run(job, contestant)
process.send!(answer, () => process.disconnect())

function run({ task, folder, trace }: Job, contestant: Contestant): Answer {
  switch (task) {
    case 'prepare': {
      const prepared = contestant.prepare(readTrace(trace))
      writePrepared(folder, prepared)
      return { sample: {}, sizes: prepared.bytes, difference: null }
    }
    case 'one by one':
      return oneByOne()
    case 'batches':
      return batches()
    case 'open':
      return open(contestant.open!)
    case 'heap':
      return heap(contestant.open!)
    case 'parse': {
      const text = readPrepared(folder, 'stored') as string
      return { sample: timed('parse', () => JSON.parse(text)), difference: null }
    }
    case 'past':
      return past()
  }
}

function oneByOne(): Answer {
  const start = readPrepared(job.folder, 'start')
  const messages = readPrepared(job.folder, 'messages')
  const { copy, sample } = warmedUp('one by one', start, (copy) => {
    for (const message of messages) copy.receive(message)
    copy.settle()
  })
  return { sample, difference: differenceAt(copy, atEnd) }
}

/** In batches, and then the edits of the device that was away. */
function batches(): Answer {
  const start = readPrepared(job.folder, 'start')
  const messages = readPrepared(job.folder, 'batches')
  const late = readPrepared(job.folder, 'late')
  const { copy, sample } = warmedUp('batches', start, (copy) => {
    for (const batch of messages) copy.receiveBatch(batch)
  })
  const before = differenceAt(copy, atEnd)
  const afterwards = timed('late', () => copy.receiveBatch(late))
  const withLate = (trace: Trace) => {
    const all = withLateBranch(trace, LATE_BASE, LATE_EDITS)
    return setsAfter(all, all.ops.length)
  }
  return {
    sample: { ...sample, ...afterwards },
    difference: before ?? differenceAt(copy, withLate),
  }
}

/**
 * Does the same work on one new copy after the other until the compiler has settled: the last time
 * is the figure, and the first is kept beside it.
 */
function warmedUp(name: string, start: Message, work: (copy: Copy) => void) {
  let spent = 0
  let first: Sample | null = null
  for (;;) {
    const copy = contestant.start(start)
    const sample = timed(name, () => work(copy))
    const cpu = sample[`${name} cpu`]!
    first ??= { [`${name}, cold cpu`]: cpu }
    spent += cpu
    if (spent >= WARM_AFTER_MS) return { copy, sample: { ...first, ...sample } }
  }
}

function open(openStored: OpenStored): Answer {
  const stored = readPrepared(job.folder, 'stored')
  let copy: Copy | null = null
  const opened = timed('open', () => (copy = openStored(stored)))
  const read = timed('read', () => copy!.read())
  return { sample: { ...opened, ...read }, difference: differenceAt(copy!, atEnd) }
}

function heap(openStored: OpenStored): Answer {
  const stored = readPrepared(job.folder, 'stored')
  // The program's own code is no part of a document: it is there once something was opened.
  openStored(readPrepared(job.folder, 'storedStart')).read()
  const before = memory()
  const copy = openStored(stored)
  const loaded = memory() - before
  copy.read()
  const sample = { loaded, 'loaded and read': memory() - before }
  // Kept until here, so that what is stored counts neither way.
  if (stored.length === 0) throw new Error('nothing is stored')
  return { sample, difference: differenceAt(copy, atEnd) }
}

type OpenStored = NonNullable<Contestant['open']>

function past(): Answer {
  const moments = readPrepared(job.folder, 'moments')
  const see = contestant.past({ history: readPrepared(job.folder, 'history') })!
  const answers = moments.map((moment, index): Answer => {
    let copy: Copy | null = null
    const seen = timed(`see ${MOMENTS[index]}`, () => (copy = see(moment)))
    const read = timed(`read ${MOMENTS[index]}`, () => copy!.read())
    const difference = differenceAt(copy!, (trace) => setsAfter(trace, MOMENTS[index]!))
    return { sample: { ...seen, ...read }, difference }
  })
  return {
    sample: Object.assign({}, ...answers.map(({ sample }) => sample)) as Sample,
    difference: answers.find(({ difference }) => difference)?.difference ?? null,
  }
}

/**
 * Milliseconds of CPU of the whole process, its collector and its compiler included, and of the
 * clock. What lay about before is collected first.
 */
function timed(name: string, work: () => unknown): Sample {
  collectGarbage()
  const startedAt = performance.now()
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return {
    [`${name} cpu`]: (user + system) / 1000,
    [`${name} wall`]: performance.now() - startedAt,
  }
}

/**
 * Bytes of V8's heap, of buffers outside it, and of WebAssembly, after a collection. What Node calls
 * external would count most of a WebAssembly memory a second time.
 */
function memory(): number {
  // Buffers that the first collection finds are given back by the second.
  collectGarbage()
  collectGarbage()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers + wasmMemory()
}

function atEnd(trace: Trace): TraceSets {
  return trace.expected
}

/** The trace is read only now: what is measured starts without it. */
function differenceAt(copy: Copy, expectedOf: (trace: Trace) => TraceSets): string | null {
  const expected = expectedOf(readTrace(job.trace))
  const stepIds = expected.stepIds.map((id) => contestant.stepId(id))
  return differenceOf(copy.reached(), { ...expected, stepIds })
}
