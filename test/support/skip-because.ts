/** Where the reason of a skipped test is kept, on the mocha test or suite itself. */
export interface SkipReason {
  skipReason?: string
}

/**
 * Skips the running test (or, in a `before` hook, the tests of its suite) and says why: the test run
 * shows the reason, and counts a test that is skipped without one as failed.
 *
 * `before(function () { if (!url) skipBecause(this, 'EVENT_STORE_TEST_URL is not set') })`
 */
export function skipBecause(context: Mocha.Context, reason: string): never {
  const running: Mocha.Runnable & SkipReason = context.runnable()
  const suite: (Mocha.Suite & SkipReason) | undefined = running.parent
  if (isHookForAll(running) && suite) suite.skipReason = reason
  else Object.assign(context.currentTest ?? running, { skipReason: reason })
  return context.skip()
}

/** The reason given for a pending test, by itself or by a suite around it. */
export function skipReasonOf(test: Mocha.Test): string | null {
  let at: ((Mocha.Test | Mocha.Suite) & SkipReason) | undefined = test
  while (at) {
    if (at.skipReason) return at.skipReason
    at = at.parent
  }
  return null
}

function isHookForAll(running: Mocha.Runnable): boolean {
  return running.title.startsWith('"before all" hook')
}
