import { run } from '/work/main/test/simulation/run.ts'
const from = Number(process.argv[2]), count = Number(process.argv[3] ?? 1)
const t0 = performance.now(); const total: Record<string, number> = {}; let failures = 0
for (let seed = from; seed < from + count; seed++) {
  const t = performance.now()
  const { counts, failure } = await run({ seed })
  for (const [k, v] of Object.entries(counts)) total[k] = (total[k] ?? 0) + v
  if (failure) { failures++; console.log('seed', seed, failure.message.slice(0, 600), count === 1 ? failure.stack : '') }
  if (count <= 3) console.log(seed, (performance.now() - t) | 0, 'ms', JSON.stringify(counts))
}
console.log(((performance.now() - t0) / count) | 0, 'ms per seed', JSON.stringify(total), 'failures', failures)
