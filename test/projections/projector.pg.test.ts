import { expect } from 'chai'
import fc from 'fast-check'
import type { VersionVector } from '../../domain/clock/version-vector.ts'
import {
  accountStream,
  pipelineStream,
  teamStream,
  type ActorId,
  type IntentId,
  type Position,
} from '../../domain/ids.ts'
import { LogUnavailable } from '../../domain/log/event-log.ts'
import { ProjectorStopped, type Projector } from '../../projections/projector.ts'
import { pipelineEvent } from '../support/events.ts'
import { newLog, ProjectionScene } from './projection-scene.ts'
import {
  personId,
  pipelineEventsOf,
  pipelineIdOf,
  serverEvents,
  longStory,
  stories,
  teamId,
  tell,
} from './stories.ts'

const story = longStory(7)
const [firstHalf, secondHalf] = [
  story.slice(0, Math.floor(story.length / 2)),
  story.slice(Math.floor(story.length / 2)),
]

/** A pipeline with nothing but its creation. */
const created = (n: number) => pipelineEventsOf(n, []).slice(0, 1)

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await what())) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe('the projector', function () {
  this.timeout(120_000)
  let scene: ProjectionScene
  beforeEach(async () => (scene = await ProjectionScene.open()))
  afterEach(() => scene.close())

  const values = (query: string) => scene.database.values(query)

  it('shows in the tables what the log amounts to, after any history', () =>
    fc.assert(
      fc.asyncProperty(stories, async (story) => {
        const own = await ProjectionScene.open()
        try {
          const projector = own.start()
          await tell(own.log, story)
          await own.projected(projector)
          await own.expectRight()
        } finally {
          await own.close()
        }
      }),
      { numRuns: 10 },
    ))

  it('writes every event once, however often its connection breaks', async () => {
    const projector = scene.start({ batchSize: 3 })
    await tell(scene.log, story)
    for (let broken = 0; broken < 4;) {
      if (await scene.database.breakLease()) broken += 1
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await scene.projected(projector)
    await scene.expectRight()
  })

  it('writes a batch again that was cut off', async () => {
    const projector = scene.start()
    await tell(scene.log, firstHalf)
    await scene.projected(projector)
    const blocker = await scene.database.pool.connect()
    await blocker.query('BEGIN; LOCK TABLE activity')
    await tell(scene.log, secondHalf)
    const cancel = `SELECT pg_cancel_backend(pid) FROM pg_locks
                     WHERE relation = 'activity'::regclass AND NOT granted`
    for (let cut = 0; cut < 3;) cut += (await values(cancel)).length
    await blocker.query('COMMIT')
    blocker.release()
    await scene.projected(projector)
    await scene.expectRight()
  })

  it('is one of several, and another one goes on when it stops', async () => {
    const first = scene.start()
    await tell(scene.log, firstHalf)
    await scene.projected(first)
    const second = scene.start()
    await scene.projected(second)
    expect([first.status().state, second.status().state]).to.deep.equal(['projecting', 'standby'])
    await first.stop()
    await tell(scene.log, secondHalf)
    await scene.projected(second)
    expect(second.status()).to.deep.include({ state: 'projecting', error: null, faults: [] })
    await scene.expectRight()
  })

  it('goes on when the log comes back', async () => {
    let isAway = true
    const projector = scene.start({
      log: {
        ...scene.log,
        readAll: (after, limit) =>
          isAway
            ? Promise.reject(new LogUnavailable('It is away.'))
            : scene.log.readAll(after, limit),
      },
    })
    await tell(scene.log, story)
    await until(() => projector.status().state === 'retrying')
    expect(projector.status().error).to.equal('It is away.')
    isAway = false
    await scene.projected(projector)
    expect(projector.status()).to.deep.include({ state: 'projecting', error: null })
    await scene.expectRight()
  })

  it('says how far behind it is, and lets go of those who wait when it stops', async () => {
    const projector = scene.start()
    await tell(scene.log, story)
    await scene.projected(projector)
    const head = await scene.log.head()
    expect(projector.position()).to.equal(head)
    expect(await projector.lag()).to.equal(0)
    const waiting = projector.waitFor((head + 1) as Position).catch((error: unknown) => error)
    await projector.stop()
    expect(await waiting).to.be.instanceOf(ProjectorStopped)
    expect(projector.status().state).to.equal('stopped')
    await tell(scene.log, [created(8)])
    expect(await projector.lag()).to.equal(1)
  })

  it('renames a person in every team that they ever were in', async () => {
    const [ada, left, right] = [personId(9), teamStream(teamId(0)), teamStream(teamId(1))]
    const projector = scene.start()
    await tell(
      scene.log,
      serverEvents([
        [left, 'TeamCreated', { name: 'Left' }],
        [left, 'MemberJoined', { userId: ada, role: 'owner' }],
        [right, 'TeamCreated', { name: 'Right' }],
        [right, 'MemberJoined', { userId: ada, role: 'viewer' }],
        [accountStream(ada), 'AccountCreated', { name: 'Ada' }],
        [left, 'MemberRemoved', { userId: ada }],
      ]),
    )
    await scene.projected(projector)
    const more = serverEvents([
      [accountStream(ada), 'AccountCreated', { name: 'Ada' }],
      [accountStream(ada), 'AccountChanged', { name: 'Ada L.', avatarUrl: 'https://a.test' }],
    ])
    await tell(scene.log, [more[0]!.slice(1)])
    await scene.projected(projector)
    expect(await values('SELECT name FROM users')).to.deep.equal(['Ada L.', 'Ada L.'])
    expect(await values('SELECT team_id FROM team_members')).to.deep.equal([teamId(1)])
    await scene.expectRight()
  })

  it('passes over streams that are not ours', async () => {
    const projector = scene.start()
    const strange = ['account-nobody', 'team-', 'else-1'].map((name) => [name, 'TeamCreated', {}])
    await tell(scene.log, serverEvents(strange as never))
    await tell(scene.log, [created(0)])
    await scene.projected(projector)
    expect(projector.status()).to.deep.include({ error: null, faults: [] })
    expect(await values('SELECT id FROM pipelines')).to.deep.equal([pipelineIdOf(0)])
  })

  describe('where a stream cannot be projected', () => {
    const unknownCause = { replica00001: 1, replica00009: 4 } as VersionVector
    /** An event that has seen what is not there: no admission lets it in. */
    const acausal = () => pipelineEvent({ pipelineId: pipelineIdOf(1), clock: unknownCause })
    /** An event whose row the table refuses. */
    const unwritable = () =>
      pipelineEvent({
        pipelineId: pipelineIdOf(1),
        actorId: 'nobody' as ActorId,
        intentId: 'nothing' as IntentId,
      })
    const faulty = pipelineStream(pipelineIdOf(1))

    for (const [what, event] of [
      ['folded', acausal],
      ['written', unwritable],
    ] as const) {
      it(`puts aside one that cannot be ${what}, and projects the others`, async () => {
        const faults: string[] = []
        await tell(scene.log, [created(0), created(1), [event()], created(2)])
        const projector = scene.start({
          batchSize: 100,
          logger: {
            info: () => undefined,
            warn: () => undefined,
            error: (details) => faults.push((details as { streamId: string }).streamId),
          },
        })
        await scene.projected(projector)
        await tell(scene.log, [pipelineEventsOf(0, []).slice(1), pipelineEventsOf(1, []).slice(1)])
        await scene.projected(projector)

        expect(faults).to.deep.equal([faulty])
        expect(projector.status().faults.map(({ streamId }) => streamId)).to.deep.equal([faulty])
        expect(await values('SELECT stream_id FROM projection_fault')).to.deep.equal([faulty])
        expect(await values('SELECT id FROM pipelines ORDER BY id')).to.deep.equal(
          [pipelineIdOf(0), pipelineIdOf(2)].sort(),
        )
        expect(await values('SELECT count(*)::int FROM pipeline_versions')).to.deep.equal([2])
      })
    }

    it('projects it again when a program that can starts', async () => {
      await tell(scene.log, story)
      const first = scene.start()
      await scene.projected(first)
      await first.stop()
      // As the tables are where an older program had put three streams aside.
      const streams = [
        pipelineStream(pipelineIdOf(0)),
        teamStream(teamId(0)),
        accountStream(personId(0)),
      ]
      await scene.database.pool.query(
        `UPDATE steps SET name = 'old'; DELETE FROM notes; DELETE FROM team_members;
         UPDATE users SET name = 'old' WHERE id = '${personId(0)}';
         INSERT INTO projection_fault SELECT unnest(ARRAY['${streams.join("','")}']), 1, 'a bug'`,
      )
      const second = scene.start()
      await until(() => second.status().state === 'projecting')
      expect(await values('SELECT stream_id FROM projection_fault')).to.deep.equal([])
      expect(
        await values(`SELECT id FROM steps
                       WHERE name = 'old' AND pipeline_id = '${pipelineIdOf(0)}'`),
      ).to.deep.equal([])
      expect(await values(`SELECT name FROM users WHERE name = 'old'`)).to.deep.equal([])
      expect(
        await values(`SELECT count(*) > 0 FROM team_members WHERE team_id = '${teamId(0)}'`),
      ).to.deep.equal([true])
    })
  })

  describe('where the tables are of another making', () => {
    async function projectedStory(): Promise<void> {
      await tell(scene.log, story)
      const projector = scene.start()
      await scene.projected(projector)
      await projector.stop()
    }

    it('makes them anew when their form is an older one', async () => {
      await projectedStory()
      await scene.database.pool.query(
        `UPDATE projection_checkpoint SET version = 0; UPDATE steps SET x = x + 1;
         DELETE FROM activity`,
      )
      const projector = scene.start()
      await until(() => projector.status().state === 'projecting')
      await scene.expectRight()
    })

    it('leaves them alone when they come from another log, and says what to do', async () => {
      await projectedStory()
      const before = await scene.database.rows()
      const other = newLog()
      await tell(other, [created(5), ...story])
      const projector: Projector = scene.start({ log: other })
      await until(() => projector.status().state === 'retrying')
      expect(projector.status().error).to.match(/another log.*npm run projections:rebuild/)
      expect(await scene.database.rows()).to.deep.equal(before)
    })
  })

  it('writes nothing over what another one has written', async () => {
    const slow = scene.start()
    await tell(scene.log, firstHalf)
    await scene.projected(slow)
    expect(await values('SELECT count(*) > 9 FROM activity')).to.deep.equal([true])
    // As if this one had slept while another had the lease.
    await scene.database.pool.query(
      `UPDATE projection_checkpoint SET position = 0, hash = '';
       DELETE FROM steps; DELETE FROM activity`,
    )
    await tell(scene.log, secondHalf)
    await scene.projected(slow)
    await scene.expectRight()
  })
})
