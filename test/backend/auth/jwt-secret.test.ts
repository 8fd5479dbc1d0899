import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { keptJwtSecret } from '../../../backend/auth/jwt-secret.ts'

describe('the kept secret', () => {
  let folder: string
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tributary-secret-'))))
  afterEach(() => rmSync(folder, { recursive: true }))

  it('is made once, 32 bytes long, and readable by its owner alone', async () => {
    const secret = await keptJwtSecret(folder)
    expect(secret).to.have.length(32)
    expect(await keptJwtSecret(folder)).to.deep.equal(secret)
    if (process.platform !== 'win32') {
      expect(statSync(join(folder, 'jwt.secret')).mode & 0o777).to.equal(0o600)
    }
  })

  it('is another one in another folder', async () => {
    const [one, other] = [await keptJwtSecret(folder), await keptJwtSecret(join(folder, 'other'))]
    expect(one).not.to.deep.equal(other)
  })

  it('is the same for many that make it at once, and leaves nothing beside it', async () => {
    const secrets = await Promise.all(Array.from({ length: 20 }, () => keptJwtSecret(folder)))
    expect(new Set(secrets.map((secret) => Buffer.from(secret).toString('hex'))).size).to.equal(1)
    const names = readdirSync(folder).filter((name) => name.startsWith('jwt'))
    expect(names).to.deep.equal(['jwt.secret'])
  })

  it('is refused when it is damaged, with what to do', async () => {
    writeFileSync(join(folder, 'jwt.secret'), 'short')
    const refusal = await keptJwtSecret(folder).then(
      () => '',
      (error: Error) => error.message,
    )
    expect(refusal).to.contain('jwt.secret is damaged').and.to.contain('remove it')
  })
})
