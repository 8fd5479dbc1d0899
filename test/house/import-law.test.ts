import { expect } from 'chai'
import { houseFiles, readHouseFile, roomSources } from './house-files.ts'
import { findBreaches, ROOM_LAW } from './import-law.ts'

const packages = {
  runtime: ['zod', 'yaml', 'pg', 'express', 'vue', 'rxjs', '@vue-flow/core', 'dexie'],
  development: ['chai', 'yjs'],
}

/** The breaches of an invented house, in which `others` exist too. */
function breachesOf(sources: Record<string, string>, ...others: string[]): string[] {
  const files = [...Object.keys(sources), ...others]
  return findBreaches({ sources: new Map(Object.entries(sources)), files, packages })
}

describe('the import law, on this house', () => {
  it('is kept', () => {
    const manifest = JSON.parse(readHouseFile('package.json')) as Record<string, object>
    const breaches = findBreaches({
      sources: roomSources(),
      files: houseFiles(),
      packages: {
        runtime: Object.keys(manifest['dependencies'] ?? {}),
        development: Object.keys(manifest['devDependencies'] ?? {}),
      },
    })
    expect(breaches.join('\n')).to.equal('')
  })

  it('knows every room, and each has code', () => {
    const paths = [...roomSources().keys()]
    for (const room of Object.keys(ROOM_LAW)) {
      expect(paths.some((path) => path.startsWith(`${room}/`))).to.equal(true, room)
    }
  })
})

describe('the import law, on an invented house that keeps it', () => {
  it('finds nothing', () => {
    const sources = {
      'domain/a.ts': "import { z } from 'zod'\nconst yaml = await import('yaml')",
      'projections/postgres/rows.ts': "import pg from 'pg'\nimport { a } from '../../domain/a.ts'",
      'backend/http/app.ts': "import express from 'express'\nimport { readFile } from 'node:fs'",
      'frontend/canvas/Canvas.vue':
        "<script setup lang='ts'>\nimport '@vue-flow/core/dist/style.css'\nimport './look.css'\n</script>",
      'frontend/pages/late.ts': "const page = () => import('../canvas/Canvas.vue')",
      'scripts/bench/merge/yjs.ts': "import * as Y from 'yjs'",
      'test/backend/http/app.test.ts':
        "import { expect } from 'chai'\nimport express from 'express'",
    }
    expect(breachesOf(sources, 'frontend/canvas/look.css')).to.deep.equal([])
  })
})

describe('the import law, on an invented house that breaks it', () => {
  const cases: Record<string, { sources: Record<string, string>; breach: RegExp }> = {
    'a room that it may not import': {
      sources: { 'domain/a.ts': "\nimport { b } from '../backend/b.ts'", 'backend/b.ts': '' },
      breach: /^domain\/a\.ts:2: domain may import no other room, not backend\/b\.ts$/,
    },
    'a type of a room that it may not import': {
      sources: { 'domain/a.ts': "let b: import('../backend/b.ts').B", 'backend/b.ts': '' },
      breach: /^domain\/a\.ts:1: domain may import no other room/,
    },
    'a forbidden room through export from': {
      sources: { 'frontend/a.ts': "export * from '../backend/b.ts'", 'backend/b.ts': '' },
      breach: /^frontend\/a\.ts:1: frontend may import only domain/,
    },
    'a forbidden room through import()': {
      sources: { 'scripts/a.ts': "await import('../frontend/b.ts')", 'frontend/b.ts': '' },
      breach: /^scripts\/a\.ts:1: scripts may import only domain, projections, backend/,
    },
    'a forbidden room by the address of a worker': {
      sources: {
        'frontend/a.ts': "new Worker(new URL('../backend/b.ts', import.meta.url))",
        'backend/b.ts': '',
      },
      breach: /^frontend\/a\.ts:1: frontend may import only domain/,
    },
    'a forbidden room in a component, by its line in the component': {
      sources: {
        'frontend/A.vue':
          "<template><p /></template>\n\n<script setup lang='ts'>\nimport { b } from '../projections/b.ts'\n</script>",
        'projections/b.ts': '',
      },
      breach: /^frontend\/A\.vue:4: frontend may import only domain/,
    },
    'a package that is not for its room': {
      sources: { 'domain/a.ts': "import type { Ref } from 'vue'" },
      breach: /^domain\/a\.ts:1: domain may import zod, yaml, @noble\/hashes, not vue$/,
    },
    'a package that nobody declared': {
      sources: { 'backend/a.ts': "import pino from 'pino'" },
      breach: /pino is not among the dependencies/,
    },
    'a package of the tests': {
      sources: { 'scripts/a.ts': "import 'chai'" },
      breach: /^scripts\/a\.ts:1: scripts may import .* not chai$/,
    },
    'a package that only the bench measures': {
      sources: { 'scripts/start.ts': "import 'yjs'" },
      breach: /^scripts\/start\.ts:1: yjs is not among the dependencies/,
    },
    'Node in a room that runs without it': {
      sources: { 'domain/a.ts': "import { hostname } from 'node:os'" },
      breach: /domain runs without Node/,
    },
    'Node without its prefix': {
      sources: { 'backend/a.ts': "import { hostname } from 'os'" },
      breach: /say node:os/,
    },
    'a driver outside its folder': {
      sources: { 'backend/auth/a.ts': "import type { Request } from 'express'" },
      breach: /^backend\/auth\/a\.ts:1: express is a driver, known in backend\/http only$/,
    },
    'pg outside a folder for Postgres': {
      sources: { 'projections/a.ts': "import pg from 'pg'" },
      breach: /pg is a driver/,
    },
    'a driver in a test of something else': {
      sources: { 'test/frontend/a.test.ts': "import Dexie from 'dexie'" },
      breach: /dexie is a driver/,
    },
    'a heavy package at once': {
      sources: { 'domain/a.ts': "import { parse } from 'yaml'" },
      breach: /yaml is heavy/,
    },
    'a file that is not there': {
      sources: { 'domain/a.ts': "import './b.ts'" },
      breach: /^domain\/a\.ts:1: no file domain\/b\.ts/,
    },
    'a file without its extension': {
      sources: { 'domain/a.ts': "import './b'", 'domain/b.ts': '' },
      breach: /no file domain\/b: name an existing file, with its extension/,
    },
    'a folder': {
      sources: { 'domain/b/a.ts': "import '..'", 'domain/index.ts': '' },
      breach: /no file domain/,
    },
    'an absolute path': {
      sources: { 'frontend/a.ts': "import '/frontend/b.ts'", 'frontend/b.ts': '' },
      breach: /absolute path/,
    },
    'a folder that is no room': {
      sources: { 'tools/a.ts': "import 'zod'" },
      breach: /tools is not a room/,
    },
    'a cycle': {
      sources: {
        'domain/a.ts': "import './b.ts'",
        'domain/b.ts': "import type { C } from './c.ts'",
        'domain/c.ts': "export { b } from './b.ts'",
      },
      breach: /import cycle: domain\/b\.ts -> domain\/c\.ts -> domain\/b\.ts$/,
    },
  }

  for (const [what, { sources, breach }] of Object.entries(cases)) {
    it(`finds ${what}`, () => {
      const breaches = breachesOf(sources)
      expect(breaches).to.have.length(1)
      expect(breaches[0]).to.match(breach)
    })
  }
})
