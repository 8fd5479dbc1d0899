import { expect } from 'chai'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { houseFiles, readHouseFile, ROOT, roomSources } from './house-files.ts'
import { findNameBreaches, findStyleBreaches, MAX_LINES } from './style-rules.ts'

describe('the style rules, on this house', () => {
  it('hold for the words and the length of every file', () => {
    const paths = houseFiles().filter((path) => /\.(ts|js|vue|css|html|json)$/.test(path))
    const breaches = paths.flatMap((path) => findStyleBreaches(path, readHouseFile(path)))
    expect(breaches.join('\n')).to.equal('')
  })

  it('hold for the names of files and folders', () => {
    const breaches = [...roomSources().keys()].flatMap(findNameBreaches)
    expect(breaches.join('\n')).to.equal('')
  })

  it('keep .ci/run executable', function () {
    expect(statSync(join(ROOT, '.ci/run')).mode & 0o111).to.equal(0o111)
  })
})

describe('the style rules, on invented files that break them', () => {
  const wrong: [what: string, path: string, text: string][] = [
    ['a registry in the lock file', 'package-lock.json', '"resolved": "https://registry/a.tgz"'],
    ['a local registry in the lock file', 'package-lock.json', '"localhost:4873"'],
    ['work left for later', 'frontend/a.vue', `// TO${'DO'}: the rest`],
    ['a focused test', 'test/domain/a.test.ts', "describe.only('a', () => {})"],
    ['a test skipped in silence', 'test/domain/a.test.ts', 'this.skip()'],
    ['console.log in the server', 'backend/a.ts', 'console.log(1)'],
    ['a path of one machine', 'scripts/a.ts', `const path = '/ho${'me'}/ann/data'`],
    ['a file that is too long', 'domain/a.ts', 'a\n'.repeat(MAX_LINES + 1)],
  ]
  for (const [what, path, text] of wrong) {
    it(`finds ${what}`, () => expect(findStyleBreaches(path, text)).to.have.length(1))
  }

  it('says the file, the line and why', () => {
    expect(findStyleBreaches('domain/a.ts', 'ok\nconsole.log(1)\n')).to.deep.equal([
      'domain/a.ts:2: the log is handed in; a command prints with process.stdout.write',
    ])
  })

  for (const path of [
    'domain/utils.ts',
    'domain/helpers/a.ts',
    'frontend/common/A.vue',
    'domain/index.ts',
    'domain/someThing.ts',
    'frontend/step-card.vue',
    'frontend/stepCard/A.vue',
  ]) {
    it(`finds the name ${path}`, () => expect(findNameBreaches(path)).to.have.length(1))
  }
})

describe('the style rules, on invented files that keep them', () => {
  it('find nothing', () => {
    const paths = [
      'domain/clock/hlc.ts',
      'test/backend/a-b.pg.test.ts',
      'frontend/steps/StepCard.vue',
    ]
    expect(paths.flatMap(findNameBreaches)).to.deep.equal([])
    const text = "import { home } from './home/a.ts'\n" + 'a\n'.repeat(MAX_LINES - 1)
    expect(findStyleBreaches('domain/a.ts', text)).to.deep.equal([])
  })
})
