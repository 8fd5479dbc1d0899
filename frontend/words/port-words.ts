import { portTitle } from '../catalogue/step-ports.ts'

/** How a port is called beside others: "True", "Model", and for a number alone "output 2". */
export function portWords(kindId: string, side: 'input' | 'output', port: string): string {
  const title = portTitle(kindId, port)
  return /^\d+$/.test(title) ? `${side} ${title}` : title
}

/** Which ports a connection joins, of a side that has several; '' where there is no choice. */
export function joinedWords(output: string | null, input: string | null): string {
  const text = [output, input].filter((part) => part !== null).join(' to ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}
