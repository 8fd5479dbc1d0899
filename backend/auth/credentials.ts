/** What people type when they sign up or in; each refusal says what to type instead. */
import { z } from 'zod'

/** RFC 5321 allows an address of this many characters. */
const EMAIL_CHARACTERS = 254
const PASSWORD_CHARACTERS = { min: 10, max: 1_000 }
const NAME_CHARACTERS = 200

export const emailSchema = z
  .string()
  .trim()
  .max(EMAIL_CHARACTERS, `may have at most ${EMAIL_CHARACTERS} characters`)
  .regex(/^[^\s@]+@[^\s@]+$/, 'must be an e-mail address, such as ada@example.org')
  .toLowerCase()

/** Unicode has several spellings of one text; keyboards differ in which they make. */
export const passwordSchema = z
  .string()
  .max(PASSWORD_CHARACTERS.max, `may have at most ${PASSWORD_CHARACTERS.max} characters`)
  .transform((password) => password.normalize('NFKC'))

export const newPasswordSchema = passwordSchema.refine(
  (password) => [...password].length >= PASSWORD_CHARACTERS.min,
  `must have at least ${PASSWORD_CHARACTERS.min} characters; a few words make a good one`,
)

/** A person's or a team's name. */
export const nameSchema = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(NAME_CHARACTERS, `may have at most ${NAME_CHARACTERS} characters`)
