/** Argon2id with the parameters that OWASP recommends: 19 MiB, two passes, one thread. */
import { hash, verify, type Options } from '@node-rs/argon2'

// The package's own enum exists at compile time only: 2 is Argon2id.
const OPTIONS: Options = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** @returns PHC form, with its salt and parameters */
export function hashPassword(password: string): Promise<string> {
  return hash(password, OPTIONS)
}

let nobodys: Promise<string> | undefined

/**
 * Whether a password is the one of a hash. Without a hash the answer is no and takes as long, so
 * that the time of a refusal does not tell who has an account.
 */
export async function isPassword(password: string, passwordHash: string | null): Promise<boolean> {
  const compared = passwordHash ?? (await (nobodys ??= hashPassword('nobody has this password')))
  const matches = await verify(compared, password)
  return matches && passwordHash !== null
}
