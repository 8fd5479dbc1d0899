import { expect } from 'chai'
import fc from 'fast-check'
import { arrival, checkCausality, checkForm, checkRole } from '../../../backend/sync/check-event.ts'
import type { PipelineEvent } from '../../../domain/events/event.ts'
import { decide } from '../../../domain/pipeline/decide.ts'
import { evolve, evolveAll } from '../../../domain/pipeline/evolve.ts'
import { takeSnapshot } from '../../../domain/pipeline/snapshot.ts'
import { forkState, initialState, type PipelineState } from '../../../domain/pipeline/state.ts'
import { viewOf } from '../../../domain/pipeline/view.ts'
import { anyCommand, anyConnect } from './any-command.ts'
import { moves, PIPELINE, play } from './histories.ts'
import { Peer } from './peer.ts'

/** A person whose comments are in the histories, on a replica that has made nothing yet. */
const person = new Peer('cleo')
const states = moves.map((script) => {
  const events = play(script)
  return { events, state: evolveAll(initialState(PIPELINE), events) }
})

async function refusalOf(state: PipelineState, events: readonly PipelineEvent[], actorId: string) {
  const server = forkState(state)
  for (const event of events) {
    const wire: unknown = JSON.parse(JSON.stringify(event))
    const form = checkForm(arrival(wire), PIPELINE, actorId as PipelineEvent['actorId'])
    if ('refused' in form) return form.refused
    expect(form.event).to.deep.equal(event)
    const ports = { roleOf: async () => 'editor' as const, ownerOf: async () => null }
    const refused = (await checkRole(event, server, ports)) ?? checkCausality(event, server)
    if (refused) return refused
    evolve(server, form.event)
  }
  return null
}

describe('whatever decide accepts', () => {
  it('is admitted by a server that has the same view', async () => {
    const accepted = new Map<string, number>()
    const rejected = new Set<string>()
    await fc.assert(
      fc.asyncProperty(
        states,
        fc.array(anyCommand, { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        async ({ events, state }, commands, isKnownAuthor) => {
          const { actorId } = isKnownAuthor ? events[0]! : person
          const decision = decide(commands, state, { ...person.author(), actorId })
          if (!decision.ok) {
            rejected.add(decision.rejection.code)
            return
          }
          expect(await refusalOf(state, decision.events, actorId)).to.equal(null)
          for (const { type } of decision.events) accepted.set(type, (accepted.get(type) ?? 0) + 1)
        },
      ),
      { numRuns: 1_500, seed: 1 },
    )
    expect([...rejected]).to.have.members([
      'exists-already',
      'not-there',
      'archived',
      'would-close-cycle',
      'empty',
      'invalid',
      'not-yours',
      'no-change',
    ])
    expect(accepted.size, [...accepted.keys()].join()).to.be.greaterThan(20)
  })

  it('leaves the state alone, and changes the view unless it settles what nobody sees', () => {
    fc.assert(
      fc.property(states, anyCommand, ({ state }, command) => {
        const before = JSON.stringify(takeSnapshot(state))
        const decision = decide([command], state, person.author())
        expect(JSON.stringify(takeSnapshot(state))).to.equal(before)
        if (!decision.ok || ['TagVersion', 'Move', 'ResizeNote'].includes(command.type)) return
        const shown = { ...viewOf(state), vector: {} }
        const after = { ...viewOf(evolveAll(forkState(state), decision.events)), vector: {} }
        expect(after, command.type).not.to.deep.equal(shown)
      }),
      { numRuns: 1_000, seed: 2 },
    )
  })

  it('never closes a cycle, nor suspends a connection that was active', () => {
    fc.assert(
      fc.property(states, anyConnect, ({ state }, command) => {
        const decision = decide([command], state, person.author())
        if (!decision.ok) return
        const statuses = (of: PipelineState) =>
          new Map(viewOf(of).connections.map((c) => [JSON.stringify([c.from, c.to]), c.status]))
        const after = statuses(evolveAll(forkState(state), decision.events))
        for (const [key, status] of statuses(state)) expect(after.get(key)).to.equal(status)
        const { from, to } = command
        expect(after.get(JSON.stringify([from, to]))).to.equal('active')
      }),
      { numRuns: 300, seed: 3 },
    )
  })
})
