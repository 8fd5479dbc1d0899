import { expect } from 'chai'
import { readHouseFile } from './house-files.ts'
import { findLockGaps, type LockFile } from './lock-file.ts'

describe('package-lock.json', () => {
  const lock = JSON.parse(readHouseFile('package-lock.json')) as LockFile

  it('holds everything that it needs, on every platform', () => {
    const advice = 'pin its dependent, under overrides, to a version whose builds are all there'
    expect(findLockGaps(lock).join('\n'), advice).to.equal('')
  })

  it('belongs to package.json', () => {
    const manifest = JSON.parse(readHouseFile('package.json')) as Record<string, unknown>
    const root = lock.packages[''] as Record<string, unknown>
    for (const kind of ['dependencies', 'devDependencies', 'engines']) {
      expect(root[kind]).to.deep.equal(manifest[kind], kind)
    }
  })
})

describe('findLockGaps', () => {
  it('finds nothing where each need is met beside, inside or above', () => {
    const packages = {
      '': { dependencies: { a: '1' } },
      'node_modules/a': { dependencies: { b: '1', '@c/c': '2' } },
      'node_modules/b': {},
      'node_modules/a/node_modules/@c/c': { dependencies: { b: '1', d: '1' } },
      'node_modules/a/node_modules/d': {},
    }
    expect(findLockGaps({ packages })).to.deep.equal([])
  })

  it('finds a need that is met only inside another package', () => {
    const packages = {
      '': { devDependencies: { a: '1' } },
      'node_modules/a': { optionalDependencies: { c: '^1' } },
      'node_modules/b/node_modules/c': {},
    }
    expect(findLockGaps({ packages })).to.deep.equal(['node_modules/a needs c ^1'])
  })

  it('finds a dependency of the project itself', () => {
    const packages = { '': { dependencies: { a: '1' } } }
    expect(findLockGaps({ packages })).to.deep.equal(['package.json needs a 1'])
  })
})
