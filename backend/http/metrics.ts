/** Figures for Prometheus, in its text format: counters that are added to, gauges that are read. */

export type Labels = Readonly<Record<string, string>>

export interface Counter {
  add(amount: number, labels?: Labels): void
}

export interface Metrics {
  /** The same name gives the same counter. */
  counter(name: string, help: string): Counter
  /** @param read asked at each scrape; null or a rejection leaves the gauge out */
  gauge(name: string, help: string, read: () => number | null | Promise<number | null>): void
  /** Everything, in the text format 0.0.4. */
  text(): Promise<string>
}

type Read = () => Promise<ReadonlyMap<string, number>>

interface Family {
  readonly type: 'counter' | 'gauge'
  readonly help: string
  readonly read: Read
}

export function createMetrics(): Metrics {
  const families = new Map<string, Family>()
  const counters = new Map<string, Counter>()

  return {
    counter(name, help) {
      const known = counters.get(name)
      if (known) return known
      const values = new Map<string, number>()
      const counter: Counter = {
        add(amount, labels = {}) {
          const key = labelText(labels)
          values.set(key, (values.get(key) ?? 0) + amount)
        },
      }
      counters.set(name, counter)
      families.set(name, { type: 'counter', help, read: async () => values })
      return counter
    },
    gauge(name, help, read) {
      const one: Read = async () => {
        const value = await read()
        return new Map(value === null ? [] : [['', value]])
      }
      families.set(name, { type: 'gauge', help, read: one })
    },
    async text() {
      const parts = await Promise.all([...families].map(([name, family]) => textOf(name, family)))
      return parts.join('')
    },
  }
}

async function textOf(name: string, { type, help, read }: Family): Promise<string> {
  const values = await read().catch(() => new Map<string, number>())
  const samples = [...values].map(([labels, value]) => `${name}${labels} ${value}\n`)
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples.join('')}`
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
