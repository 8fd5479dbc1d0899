/**
 * Every setting, once: its variable, its default, what it means and what it may be. The start reads
 * it from here, and so does `npm start -- --help`.
 */
import type { z } from 'zod'
import { limits } from '../../domain/limits.ts'
import {
  byteSize,
  list,
  listenHost,
  oneOf,
  postgresName,
  text,
  url,
  wholeNumber,
} from './parse-setting.ts'

export interface Setting<S extends z.ZodType<unknown, string>, Fallback extends string | null> {
  /** The environment variable. */
  readonly variable: string
  /** What holds where it is not set, as it would be written; null for nothing. */
  readonly fallback: Fallback
  /** What it is, in a few words, with the unit. */
  readonly about: string
  readonly schema: S
  /** Never shown, not even in the sentence that refuses it. */
  readonly secret: boolean
}

function setting<S extends z.ZodType<unknown, string>, Fallback extends string | null>(
  variable: string,
  fallback: Fallback,
  about: string,
  schema: S,
): Setting<S, Fallback> {
  return { variable, fallback, about, schema, secret: false }
}

function secret<S extends z.ZodType<unknown, string>>(
  variable: string,
  about: string,
  schema: S,
): Setting<S, null> {
  return { variable, fallback: null, about, schema, secret: true }
}

const retryDelay = wholeNumber(1, 3_600_000)

export const settings = {
  port: setting('PORT', '3000', 'port of the server; 0 takes a free one', wholeNumber(0, 65_535)),
  host: setting('HOST', '127.0.0.1', 'address to listen on; 0.0.0.0 is every one', listenHost),
  dataDir: setting(
    'DATA_DIR',
    './data',
    'folder of the embedded Postgres and of the kept secret',
    text(1, 4_096, 'the path of a folder'),
  ),
  databaseUrl: secret(
    'DATABASE_URL',
    'Postgres to use; without it an embedded one runs in DATA_DIR',
    url('postgres://user:password@host:5432/tributary', 'postgres:', 'postgresql:'),
  ),
  eventStoreUrl: secret(
    'EVENT_STORE_URL',
    'EventStoreDB as the event log; without it Postgres is',
    url('esdb://host:2113', 'esdb:', 'esdb+discover:', 'kurrentdb:', 'kurrentdb+discover:'),
  ),
  electricUrl: setting(
    'ELECTRIC_URL',
    null,
    'an Electric to serve shapes from; without it they are served from here',
    url('http://host:3000', 'http:', 'https:'),
  ),
  authMode: setting(
    'AUTH_MODE',
    'secure',
    'insecure asks for no sign-in; only where HOST is a loopback address',
    oneOf('secure', 'insecure'),
  ),
  jwtSecret: secret(
    'JWT_SECRET',
    'signs sign-in tokens; without it one is made and kept in DATA_DIR',
    text(32, 4_096, 'a text of at least 32 characters, for example of `openssl rand -hex 32`'),
  ),
  jwksUrl: setting(
    'JWT_JWKS_URL',
    null,
    "public keys of an identity provider, whose tokens are taken in JWT_SECRET's place",
    url('https://login.example.org/.well-known/jwks.json', 'http:', 'https:'),
  ),
  jwtIssuer: setting(
    'JWT_ISSUER',
    null,
    'the `iss` that tokens of the identity provider must have',
    text(1, 1_000, 'a text of at most 1000 characters'),
  ),
  jwtAudience: setting(
    'JWT_AUDIENCE',
    null,
    'the `aud` that tokens of the identity provider must have',
    text(1, 1_000, 'a text of at most 1000 characters'),
  ),
  publication: setting(
    'PUBLICATION',
    'pipeline_sync',
    'Postgres publication of the tables that shapes show',
    postgresName,
  ),
  shapeSchemas: setting(
    'SHAPE_SCHEMAS',
    'public',
    'Postgres schemas whose tables shapes may show',
    list(postgresName, 100, 'a list of at most 100 Postgres names, such as public,reports'),
  ),
  maxShapeSize: setting(
    'MAX_SHAPE_SIZE',
    '10MB',
    'the most that one shape may hold; a larger one is refused',
    byteSize(1_000, 10e9),
  ),
  shapeCacheTtl: setting(
    'SHAPE_CACHE_TTL',
    '3600',
    'seconds for which an unused shape is kept ready',
    wholeNumber(0, 31_536_000),
  ),
  conflictStrategy: setting(
    'CONFLICT_STRATEGY',
    'lww_crdt',
    'how concurrent edits merge',
    oneOf('lww_crdt'),
  ),
  clockSource: setting(
    'CLOCK_SOURCE',
    'hybrid_logical_clock',
    'what orders concurrent edits',
    oneOf('hybrid_logical_clock'),
  ),
  maxOfflineQueue: setting(
    'MAX_OFFLINE_QUEUE',
    '100000',
    'edits that a device may hold back while offline',
    wholeNumber(1, 10_000_000),
  ),
  syncBatchSize: setting(
    'SYNC_BATCH_SIZE',
    '100',
    'events in one upload',
    wholeNumber(1, limits.pushEvents),
  ),
  retryIntervals: setting(
    'RETRY_INTERVALS',
    '1000,2000,5000,10000,30000',
    'milliseconds before each attempt to reconnect; the last one repeats',
    list(retryDelay, 100, 'a list of milliseconds, each from 1 to 3600000, such as 1000,5000'),
  ),
  logLevel: setting(
    'LOG_LEVEL',
    'info',
    'how much the server writes about what it does',
    oneOf('debug', 'info', 'warn', 'error', 'silent'),
  ),
  eventStoreTestUrl: secret(
    'EVENT_STORE_TEST_URL',
    'an EventStoreDB for the tests of that engine; they are skipped without it',
    url(
      'esdb://host:2113?tls=false',
      'esdb:',
      'esdb+discover:',
      'kurrentdb:',
      'kurrentdb+discover:',
    ),
  ),
  samplesDir: setting(
    'SAMPLES_DIR',
    '../shared/data/pipelines',
    'real pipelines for the tests of imports, where the folder exists',
    text(1, 4_096, 'the path of a folder'),
  ),
} as const
