import { expect } from 'chai'
import type { ReplicaRegistry } from '../../backend/sync/replica-registry.ts'
import type { ActorId, ReplicaId } from '../../domain/ids.ts'
import { namedUuid } from './events.ts'

/** What every replica registry keeps to. @param registry an empty one */
export function describeReplicaRegistry(name: string, registry: () => ReplicaRegistry): void {
  describe(`the replica registry over ${name}`, () => {
    const [ann, ben] = [namedUuid('ann'), namedUuid('ben')] as [ActorId, ActorId]
    const [one, other] = ['replica00001', 'replica00002'] as [ReplicaId, ReplicaId]

    it('gives an id to who connects with it first, and to nobody else', async () => {
      expect(await registry().ownerOf(one)).to.equal(null)
      expect(await registry().claim(one, ann)).to.equal(true)
      expect(await registry().claim(one, ann)).to.equal(true)
      expect(await registry().claim(one, ben)).to.equal(false)
      expect(await registry().ownerOf(one)).to.equal(ann)
      expect(await registry().ownerOf(other)).to.equal(null)
    })

    it('gives an id that many claim at once to one of them', async () => {
      const people = [ann, ben, ann, ben, ben]
      const claims = people.map((actorId) => registry().claim(other, actorId))
      const given = await Promise.all(claims)
      const owner = await registry().ownerOf(other)
      expect(given).to.deep.equal(people.map((actorId) => actorId === owner))
    })
  })
}
