import { expect } from 'chai'
import fc from 'fast-check'
import { judgeShard } from '../support/judge-shard.ts'
import type { TestEvent } from '../support/test-event.ts'
import type { Shard } from '../support/test-files.ts'

const begin = (file: string, title = 'one'): TestEvent => ({ type: 'begin', file, title })
const pass = (file: string, title = 'one'): TestEvent => ({ type: 'pass', file, title })
const shard = (...paths: string[]): Shard => ({ group: 'unit', paths })
const judge = (paths: string[], events: TestEvent[], brokeBy: string | null = null) =>
  judgeShard(shard(...paths), { events, brokeBy, output: 'what it printed' })

describe('judgeShard: a process that ended well', () => {
  it('gives the tests that it reported', () => {
    const events: TestEvent[] = [
      { type: 'start' },
      begin('a'),
      pass('a'),
      { type: 'fail', file: 'a', title: 'two', error: 'broke' },
      { type: 'skip', file: 'a', title: 'three', reason: 'no moon' },
      { type: 'end' },
    ]
    expect(judge(['a'], events, 'exit code 1')).to.deep.equal({
      results: [
        { outcome: 'passed', file: 'a', title: 'one', detail: '' },
        { outcome: 'failed', file: 'a', title: 'two', detail: 'broke' },
        { outcome: 'skipped', file: 'a', title: 'three', detail: 'no moon' },
      ],
      again: [],
    })
  })

  it('fails a test that was skipped without a reason', () => {
    const skip: TestEvent = { type: 'skip', file: 'a', title: 'one', reason: null }
    const { results } = judge(['a'], [{ type: 'start' }, skip, { type: 'end' }])
    expect(results.map(({ outcome }) => outcome)).to.deep.equal(['failed'])
  })

  it('fails a file that holds no test', () => {
    const events: TestEvent[] = [{ type: 'start' }, begin('a'), pass('a'), { type: 'end' }]
    const { results } = judge(['a', 'b'], events)
    expect(results.map(({ file, outcome }) => [file, outcome])).to.deep.equal([
      ['a', 'passed'],
      ['b', 'failed'],
    ])
  })
})

describe('judgeShard: a process that did not end well', () => {
  it('fails the test under way and runs the untouched files again', () => {
    const events: TestEvent[] = [{ type: 'start' }, begin('a'), pass('a'), begin('b', 'dies')]
    const { results, again } = judge(['a', 'b', 'c', 'd'], events, 'signal SIGSEGV')
    expect(results[1]).to.deep.equal({
      outcome: 'failed',
      file: 'b',
      title: 'dies',
      detail: 'The test process ended by signal SIGSEGV.\nwhat it printed',
    })
    expect(again).to.deep.equal([shard('c', 'd')])
  })

  it('runs each file alone when it broke before the first test', () => {
    const { results, again } = judge(['a', 'b'], [], 'exit code 1')
    expect(results).to.deep.equal([])
    expect(again).to.deep.equal([shard('a'), shard('b')])
  })

  it('fails a file that breaks the process alone', () => {
    const { results, again } = judge(['a'], [], 'exit code 1')
    expect(results.map(({ title }) => title)).to.deep.equal(['(loading the file)'])
    expect(again).to.deep.equal([])
  })

  it('fails when it breaks after the last test', () => {
    const events: TestEvent[] = [{ type: 'start' }, begin('a'), pass('a'), { type: 'end' }]
    const { results } = judge(['a'], events, 'exit code 7')
    expect(results.map(({ outcome }) => outcome)).to.deep.equal(['passed', 'failed'])
  })
})

describe('judgeShard: whatever a process did before it broke', () => {
  it('loses no file, never ends in passes alone, and ends', () => {
    const paths = ['a', 'b', 'c']
    const anyEvent = fc.oneof(
      fc.constantFrom(...paths).map((file) => begin(file)),
      fc.constantFrom(...paths).map((file) => pass(file)),
    )
    fc.assert(
      fc.property(fc.array(anyEvent), fc.boolean(), (events, ended) => {
        const all: TestEvent[] = [{ type: 'start' }, ...events]
        if (ended) all.push({ type: 'end' })
        const { results, again } = judge(paths, all, 'signal SIGKILL')
        const seen = new Set([...results.map(({ file }) => file), ...events.map(fileOf)])
        for (const next of again) for (const path of next.paths) seen.add(path)
        for (const path of paths) expect([...seen]).to.include(path)
        const failed = results.some(({ outcome }) => outcome === 'failed')
        expect(failed || again.length > 0).to.equal(true)
        for (const next of again) expect(next.paths.length).to.be.lessThan(paths.length)
      }),
    )
  })
})

function fileOf(event: TestEvent): string {
  return 'file' in event ? event.file : ''
}
