/**
 * What a mocha process tells the test run, one JSON line each, written before anything else happens:
 * a process that dies leaves behind all that it had found out until then.
 * `file` is an absolute path, or '' for a hook that belongs to no file.
 */
export type TestEvent =
  | { type: 'start' }
  | { type: 'begin'; file: string; title: string }
  | { type: 'pass'; file: string; title: string }
  | { type: 'fail'; file: string; title: string; error: string }
  | { type: 'skip'; file: string; title: string; reason: string | null }
  | { type: 'end' }

/** The environment variables by which the test run tells a mocha process where to write. */
export const EVENTS_FILE = 'TEST_EVENTS_FILE'
export const TEMP_FOLDER = 'TEST_TEMP_FOLDER'
