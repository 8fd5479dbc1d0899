import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { expect } from 'chai'
import { ConfigError, readConfig, withEnvFile } from '../../../backend/config/config.ts'
import { helpText } from '../../../backend/config/help-text.ts'
import { isLoopback } from '../../../backend/config/loopback.ts'
import { settings } from '../../../backend/config/settings.ts'

const linesOf = (env: NodeJS.ProcessEnv): string[] => {
  try {
    readConfig(env)
  } catch (error) {
    expect(error).to.be.instanceOf(ConfigError)
    return (error as ConfigError).message.split('\n')
  }
  return []
}

describe('the configuration, with nothing set', () => {
  it('has the defaults of the contract', () => {
    const { dataDir, ...config } = readConfig({})
    expect(isAbsolute(dataDir)).to.equal(true)
    expect(config).to.deep.equal({
      port: 3000,
      host: '127.0.0.1',
      databaseUrl: null,
      eventStoreUrl: null,
      electricUrl: null,
      authMode: 'secure',
      jwtSecret: null,
      jwksUrl: null,
      jwtIssuer: null,
      jwtAudience: null,
      publication: 'pipeline_sync',
      shapeSchemas: ['public'],
      maxShapeSize: 10_000_000,
      shapeCacheTtl: 3_600,
      conflictStrategy: 'lww_crdt',
      clockSource: 'hybrid_logical_clock',
      maxOfflineQueue: 100_000,
      syncBatchSize: 100,
      retryIntervals: [1_000, 2_000, 5_000, 10_000, 30_000],
      logLevel: 'info',
      eventStoreTestUrl: null,
      samplesDir: '../shared/data/pipelines',
    })
  })

  it('takes a variable that is set to nothing as not set', () => {
    expect(readConfig({ PORT: '', DATABASE_URL: '  ' })).to.include({
      port: 3000,
      databaseUrl: null,
    })
  })
})

describe('the configuration, with values', () => {
  it('reads sizes, lists and addresses', () => {
    const config = readConfig({
      MAX_SHAPE_SIZE: '512KiB',
      RETRY_INTERVALS: '100, 200',
      SHAPE_SCHEMAS: 'public,reports',
      DATABASE_URL: 'postgresql:///tributary?host=/var/run/postgresql',
      HOST: '::1',
      AUTH_MODE: 'insecure',
    })
    expect(config.maxShapeSize).to.equal(524_288)
    expect(config.retryIntervals).to.deep.equal([100, 200])
    expect(config.shapeSchemas).to.deep.equal(['public', 'reports'])
    expect(config.databaseUrl).to.equal('postgresql:///tributary?host=/var/run/postgresql')
    expect(config).to.include({ host: '::1', authMode: 'insecure' })
  })

  for (const [env, words] of [
    [{ PORT: 'abc' }, ['PORT', '"abc"', 'a whole number from 0 to 65535']],
    [{ PORT: '65536' }, ['PORT', '65535']],
    [{ PORT: '-1' }, ['PORT']],
    [{ HOST: 'not a host' }, ['HOST', '127.0.0.1']],
    [{ EVENT_STORE_URL: 'http://x' }, ['EVENT_STORE_URL', 'esdb://']],
    [{ ELECTRIC_URL: 'localhost:3000' }, ['ELECTRIC_URL', 'http://']],
    [{ AUTH_MODE: 'none' }, ['AUTH_MODE', 'secure or insecure']],
    [{ PUBLICATION: 'a"; drop table x' }, ['PUBLICATION', 'Postgres name']],
    [{ SHAPE_SCHEMAS: 'public,' }, ['SHAPE_SCHEMAS', 'public,reports']],
    [{ MAX_SHAPE_SIZE: '10 parsecs' }, ['MAX_SHAPE_SIZE', '10MB']],
    [{ MAX_SHAPE_SIZE: '0MB' }, ['MAX_SHAPE_SIZE', 'from 1000']],
    [{ SHAPE_CACHE_TTL: '1h' }, ['SHAPE_CACHE_TTL', 'seconds']],
    [{ CONFLICT_STRATEGY: 'theirs' }, ['CONFLICT_STRATEGY', 'lww_crdt']],
    [{ CLOCK_SOURCE: 'wall' }, ['CLOCK_SOURCE', 'hybrid_logical_clock']],
    [{ MAX_OFFLINE_QUEUE: '0' }, ['MAX_OFFLINE_QUEUE']],
    [{ SYNC_BATCH_SIZE: '101' }, ['SYNC_BATCH_SIZE', 'from 1 to 100']],
    [{ RETRY_INTERVALS: '1000,,5000' }, ['RETRY_INTERVALS', 'milliseconds']],
    [{ RETRY_INTERVALS: '0' }, ['RETRY_INTERVALS']],
    [{ LOG_LEVEL: 'loud' }, ['LOG_LEVEL', 'debug or info']],
    [{ JWT_JWKS_URL: 'file:///etc/keys' }, ['JWT_JWKS_URL', 'https://']],
  ] as [NodeJS.ProcessEnv, string[]][]) {
    it(`stops ${JSON.stringify(env)} with one line that says what is allowed`, () => {
      const lines = linesOf(env)
      expect(lines).to.have.length(1)
      for (const word of words) expect(lines[0]).to.contain(word)
    })
  }

  it('names every wrong setting, each in a line of its own', () => {
    expect(linesOf({ PORT: 'x', HOST: ' !', SYNC_BATCH_SIZE: '0' })).to.have.length(3)
  })

  it('never repeats a secret', () => {
    const [password, secret] = ['mysql://ada:hunter22@db', 'too short']
    const lines = linesOf({ DATABASE_URL: password, JWT_SECRET: secret })
    expect(lines).to.have.length(2)
    expect(lines.join('\n')).not.to.match(/hunter22|too short/)
  })

  it('refuses to ask for no sign-in where others can reach it', () => {
    for (const HOST of ['0.0.0.0', '::', '192.168.1.7', 'example.org']) {
      const [line] = linesOf({ HOST, AUTH_MODE: 'insecure' })
      expect(line).to.contain('AUTH_MODE').and.to.contain(HOST).and.to.contain('loopback')
    }
    expect(linesOf({ HOST: 'localhost', AUTH_MODE: 'insecure' })).to.deep.equal([])
  })

  it('refuses a secret and a key set together', () => {
    const env = { JWT_SECRET: 'x'.repeat(32), JWT_JWKS_URL: 'https://id.example.org/keys' }
    expect(linesOf(env)[0]).to.contain('JWT_SECRET').and.to.contain('JWT_JWKS_URL')
  })
})

describe('a .env file', () => {
  let folder: string
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tributary-env-'))))
  afterEach(() => rmSync(folder, { recursive: true }))

  it('adds to the environment, which wins', () => {
    writeFileSync(join(folder, '.env'), '# ports\nPORT=4000\nHOST="localhost"\n')
    const env = withEnvFile({ PORT: '5000' }, folder)
    expect(readConfig(env)).to.include({ port: 5000, host: 'localhost' })
  })

  it('may be missing', () => {
    const env = { PORT: '5000' }
    expect(withEnvFile(env, folder)).to.equal(env)
  })

  it('that cannot be read stops the start', () => {
    expect(() => withEnvFile({}, join(folder, 'a\0b'))).to.throw(ConfigError, 'cannot be read')
  })
})

describe('the help', () => {
  it('lists every variable with its default', () => {
    const text = helpText()
    for (const { variable, fallback } of Object.values(settings)) {
      expect(text).to.match(new RegExp(`^ +${variable} +`, 'm'))
      if (fallback !== null) expect(text).to.contain(fallback)
    }
  })
})

describe('a loopback host', () => {
  it('is one that reaches this machine alone', () => {
    expect(['localhost', '127.0.0.1', '127.1.2.3', '::1', '[::1]'].every(isLoopback)).to.equal(true)
    expect(['0.0.0.0', '::', '128.0.0.1', '127.0.0.1.example.org', ''].some(isLoopback)).to.equal(
      false,
    )
  })
})
