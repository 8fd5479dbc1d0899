import { expect } from 'chai'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLog, reasonInLog, rotateLog } from '../../../backend/embedded-postgres/server-log.ts'

describe('the log of the server', () => {
  let folder: string
  let path: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tributary-log-'))
    path = join(folder, 'postgres.log')
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('stays as it is while it is small, or not there', async () => {
    await rotateLog(path, 10)
    await writeFile(path, '1234567890')
    await rotateLog(path, 10)
    expect(await readFile(path, 'utf8')).to.equal('1234567890')
  })

  it('is cut under a server that goes on writing, and the last part is kept', async () => {
    const file = await openLog(path)
    for (const round of ['first', 'second', 'third']) {
      await file.writeFile(`${round} `.repeat(10))
      await rotateLog(path, 10)
      await file.writeFile('on')
      expect(await readFile(path, 'utf8')).to.equal('on')
      expect(await readFile(`${path}.1`, 'utf8')).to.include(round)
    }
    await file.close()
  })

  it('tells why the server could not go on', async () => {
    const before = '2026-01-01 UTC [1] FATAL:  of another day\n'
    const now = [
      '2026-01-02 UTC [2] LOG:  starting',
      '2026-01-02 UTC [2] FATAL:  data directory is odd',
      '2026-01-02 UTC [2] HINT:  Make it even.',
      '2026-01-02 UTC [2] LOG:  shut down',
    ]
    await writeFile(path, before + now.join('\n'))
    expect(await reasonInLog(path, before.length)).to.equal('data directory is odd Make it even.')
  })

  it('tells its last line where it gives no reason, and nothing where it is silent', async () => {
    await writeFile(path, 'cannot execute binary file\n')
    expect(await reasonInLog(path, 0)).to.equal('cannot execute binary file')
    expect(await reasonInLog(path, 27)).to.equal('')
    expect(await reasonInLog(join(folder, 'none'), 0)).to.equal('')
  })
})
