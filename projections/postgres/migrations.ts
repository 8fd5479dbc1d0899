import { readdirSync, readFileSync } from 'node:fs'

const FOLDER = new URL('./migrations/', import.meta.url)

/** The read models and their change feed, in the schemas `public` and `change_feed`. */
export const projectionMigrations: readonly { readonly id: string; readonly sql: string }[] =
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => ({
      id: name.slice(0, -'.sql'.length),
      sql: readFileSync(new URL(name, FOLDER), 'utf8'),
    }))
