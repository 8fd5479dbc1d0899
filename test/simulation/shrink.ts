/**
 * Cuts a script that fails down to the actions that it takes, by leaving out ever smaller parts.
 *
 * Source: the ddmin algorithm of Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing
 * Input" (IEEE TSE 28, 2002), without its complements: a part that can go is gone for good.
 */

/**
 * @param indices of the actions of a failing run
 * @param fails whether a run with these actions alone fails
 * @param withinMs real time, after which the smallest script so far is given
 * @returns the indices of the actions that are left
 */
export async function shrink(
  indices: readonly number[],
  fails: (kept: readonly number[]) => Promise<boolean>,
  withinMs: number,
): Promise<readonly number[]> {
  const until = performance.now() + withinMs
  let kept = indices
  for (
    let size = Math.ceil(kept.length / 2);
    size >= 1;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let at = 0; at < kept.length;) {
      if (performance.now() > until) return kept
      const without = [...kept.slice(0, at), ...kept.slice(at + size)]
      if (await fails(without)) kept = without
      else at += size
    }
  }
  return kept
}
