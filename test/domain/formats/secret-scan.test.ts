import { expect } from 'chai'
import { findSecrets } from '../../../domain/formats/secret-scan.ts'

// Put together here, so that no text in this file looks like a secret itself.
const letters = 'a1B2c3D4'.repeat(8)

describe('looking for secrets', () => {
  for (const [looksLike, text] of [
    ['a private key', `-----BEGIN RSA ${'PRIVATE'} KEY-----\nMII`],
    ['a key of an AI service', `sk-${letters}`],
    ['a GitHub token', `ghp_${letters}`],
    ['a Slack token', `xoxb-${letters}`],
    ['an AWS key', `AKIA${'ABCD1234'.repeat(2)}`],
    ['a Google key', `AIza${letters}`],
    ['a Telegram bot token', `https://api.test/bot123456789:AA${letters}/send`],
    ['a signed token', `eyJ${letters}.eyJ${letters}.${letters}`],
    ['a bearer token', `Bearer ${letters}`],
    ['a password in an address', 'postgres://app:hunter22@db.test/app'],
  ] as const) {
    it(`finds ${looksLike}`, () => {
      expect(findSecrets({ a: [{ b: `x = ${text}` }] })).to.deep.equal([
        { path: 'a.0.b', looksLike },
      ])
    })
  }

  it('finds a literal where a name says that it is secret', () => {
    const found = [{ path: 'options.apiKey', looksLike: 'a secret' }]
    expect(findSecrets({ options: { apiKey: 'k3j4h5k3j4' } })).to.deep.equal(found)
    expect(findSecrets([{ name: 'X-Access-Token', value: 'k3j4h5k3j4' }])).to.deep.equal([
      { path: '0.value', looksLike: 'a secret' },
    ])
  })

  it('passes over expressions, placeholders and short settings', () => {
    expect(
      findSecrets({
        token: '={{ $json.token }}',
        apiKey: 'YOUR_API_KEY',
        password: '<password>',
        secret: 'short',
        authorization: 'genericCredentialType, none',
        maxTokens: 500,
        url: 'https://shop.test:8080/a@b',
      }),
    ).to.deep.equal([])
  })
})
