import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { effectiveGraph } from '../domain/pipeline/effective-graph.ts'
import { viewOf } from '../domain/pipeline/view.ts'
import { decide } from '../domain/pipeline/decide.ts'
import { Peer, endsOf } from './domain/pipeline/peer.ts'
import { forkState } from '../domain/pipeline/state.ts'
for (const n of [1000, 5000]) {
  const p = new Peer('ann').begin()
  for (let i = 0; i < n; i++) p.addStep(`s${i}`)
  for (let i = 0; i + 1 < n; i++) p.connect(`s${i}`, `s${i + 1}`)
  let t = performance.now()
  effectiveGraph(p.state)
  console.log(n, 'chain forward graph ms', Math.round(performance.now() - t))
  const q = new Peer('ben').begin()
  for (let i = 0; i < n; i++) q.addStep(`s${i}`)
  for (let i = n - 2; i >= 0; i--) q.connect(`s${i}`, `s${i + 1}`)
  t = performance.now()
  effectiveGraph(q.state)
  console.log(n, 'chain made from the end graph ms', Math.round(performance.now() - t))
  t = performance.now()
  viewOf(q.state)
  console.log(n, 'view ms', Math.round(performance.now() - t))
  t = performance.now()
  for (let i = 0; i < 20; i++) forkState(q.state)
  console.log(n, 'fork ms', (performance.now() - t) / 20)
  t = performance.now()
  const d = decide([{ type: 'ConfigureStep', stepId: endsOf('s1','s2').from.stepId, key: 'k', value: 1 }], q.state, q.author())
  console.log(n, 'decide one ms', performance.now() - t, d.ok)
}
