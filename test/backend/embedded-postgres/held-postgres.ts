import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { fileURLToPath, pathToFileURL } from 'node:url'

export interface Message {
  readonly event: 'ready' | 'refused' | 'log' | 'signal' | 'stopped'
  readonly databaseUrl: string
  readonly firstStart: boolean
  readonly recovered: boolean
  readonly name: string
  readonly code: string
  readonly pid: number
  readonly message: string
  readonly line: string
}

export interface HoldOptions {
  /** Words before `node`: a tool that changes what the process may do. */
  readonly prefix?: readonly string[]
  readonly uid?: number
  readonly gid?: number
  readonly env?: NodeJS.ProcessEnv
  /** Another copy of hold-embedded-postgres.ts. */
  readonly script?: string
  readonly onSignal?: 'stop' | 'exit'
}

const SCRIPT = fileURLToPath(new URL('hold-embedded-postgres.ts', import.meta.url))
/** By its full address, since a program may be started in another folder. */
export const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
const living = new Set<HeldPostgres>()

/** Another Tributary process that holds a data folder, at the head of a process group of its own. */
export class HeldPostgres {
  readonly messages: Message[] = []
  stderr = ''
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  #wake: () => void = () => undefined

  constructor(dataDir: string, options: HoldOptions = {}) {
    const { prefix = [], uid, gid, env = {}, script = SCRIPT, onSignal = 'stop' } = options
    const words = [...prefix, process.execPath, `--import=${TSX}`, script, dataDir, onSignal]
    const [command = '', ...args] = words
    this.#child = spawn(command, args, {
      stdio: 'pipe',
      detached: true,
      env: { ...process.env, ...env },
      ...(uid === undefined ? {} : { uid, gid: gid ?? uid }),
    })
    living.add(this)
    this.#child.on('error', (error) => (this.stderr += error.message))
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text))
    createInterface({ input: this.#child.stdout! }).on('line', (line) => {
      this.messages.push(JSON.parse(line) as Message)
      this.#wake()
    })
    this.#ended = once(this.#child, 'close').then(() => {
      living.delete(this)
      this.#wake()
    })
  }

  get pid(): number {
    return this.#child.pid!
  }

  /** The first message of that kind, as soon as it is there. */
  async next(event: Message['event']): Promise<Message> {
    for (;;) {
      const found = this.messages.find((message) => message.event === event)
      if (found) return found
      if (!living.has(this)) {
        throw new Error(`no '${event}': ${JSON.stringify(this.messages)} ${this.stderr}`)
      }
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  tell(word: 'stop' | 'exit'): void {
    this.#child.stdin?.write(`${word}\n`)
  }

  async stop(): Promise<void> {
    this.tell('stop')
    await this.#ended
  }

  async end(): Promise<void> {
    await this.#ended
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }

  /** As a terminal does on Ctrl-C. */
  signalGroup(signal: NodeJS.Signals): void {
    process.kill(-this.pid, signal)
  }
}

/** For after each test: nothing of a failed one goes on. */
export async function killAllHeld(): Promise<void> {
  await Promise.all([...living].map((held) => held.kill()))
}
