/** What was prepared, one file for each part: who measures one part reads no other into its memory. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import type { Prepared } from './contestant.ts'

type Part = Exclude<keyof Prepared, 'bytes'>
const PARTS: readonly Part[] = [
  'start',
  'messages',
  'batches',
  'late',
  'stored',
  'storedStart',
  'history',
  'moments',
]

export function writePrepared(folder: string, prepared: Prepared): void {
  mkdirSync(folder, { recursive: true })
  for (const part of PARTS) writeFileSync(join(folder, part), serialize(prepared[part]))
}

export function readPrepared<P extends Part>(folder: string, part: P): Prepared[P] {
  return deserialize(readFileSync(join(folder, part))) as Prepared[P]
}
