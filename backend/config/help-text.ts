import { settings } from './settings.ts'

/** What `npm start -- --help` shows of the configuration: every variable, its default, its meaning. */
export function helpText(): string {
  const rows = Object.values(settings).map(({ variable, fallback, about }) => ({
    variable,
    fallback: fallback ?? '(not set)',
    about,
  }))
  const nameWidth = Math.max(...rows.map(({ variable }) => variable.length))
  const fallbackWidth = Math.max(...rows.map(({ fallback }) => fallback.length))
  const lines = rows.map(({ variable, fallback, about }) =>
    `  ${variable.padEnd(nameWidth)}  ${fallback.padEnd(fallbackWidth)}  ${about}`.trimEnd(),
  )
  return [
    'Settings, from the environment or from a .env file in the working directory (the environment',
    'wins). A variable, its default, and what it is:',
    '',
    ...lines,
    '',
  ].join('\n')
}
