import { limits } from '../../domain/limits.ts'
import type { LocalStore } from './local-store.ts'

/**
 * Holds a device whose clock was found ahead against the server's again, so that one that has been
 * put right is right at once.
 * @param now by the device, and `serverTime` by the server, in milliseconds since 1970
 */
export async function compareClock(
  store: LocalStore,
  now: number,
  serverTime: number,
): Promise<void> {
  const device = await store.read((tx) => tx.device())
  if (!device || device.clockOffset === 0) return
  const ahead = now - serverTime
  const clockOffset = ahead > limits.clockAheadMs / 2 ? -ahead : 0
  await store.write(async (tx) => tx.putDevice({ ...(await tx.device())!, clockOffset }))
}
