// The service in a plain `workerd serve` with its data on disk: a process that you can kill at any moment and that listens
// again a quarter of a second later.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { bin, node, root } from '../../../scripts/install.mjs'
import { launch, run } from '../../../scripts/processes.mjs'
import { freePort } from './free-port.ts'

const startedWithinMs = 20_000
const complaintsMax = 20

const { default: workerd }: { default: string } = createRequire(import.meta.resolve('wrangler'))('workerd')

interface RuntimeOptions {
  /** V8 flags for every isolate. */
  v8Flags?: string[]
  /** Whether isolates expose the DevTools protocol. */
  inspect?: boolean
}

/** Builds the worker, applies the migrations and writes the configuration, all inside `folder`. */
export async function prepareRuntime(folder: string, { v8Flags = [], inspect = false }: RuntimeOptions = {}) {
  const env = {
    ...process.env,
    // Wrangler and Miniflare put their temporary files there.
    TMPDIR: folder,
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    MINIFLARE_WORKERD_V8_FLAGS: v8Flags.join(' '),
    WRANGLER_HIDE_BANNER: 'true',
    WRANGLER_LOG: 'error',
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_WRITE_LOGS: 'false',
  }
  const runNode = async (...args: string[]) => {
    const exitCode = await run(node, args, { cwd: root, env, stdio: ['ignore', 'ignore', 'inherit'] })
    if (exitCode !== 0) throw new Error(`Failed: node ${args.join(' ')}`)
  }
  const wrangler = (...args: string[]) => runNode(bin('wrangler/bin/wrangler.js'), ...args)
  await import('../../../scripts/docs-assets.mjs')
  await Promise.all([
    wrangler('deploy', '--dry-run', '--outdir', path.join(folder, 'worker')),
    wrangler('d1', 'migrations', 'apply', 'DB', '--local', '--persist-to', path.join(folder, 'state')),
  ])
  await runNode(path.join(import.meta.dirname, 'write-config.ts'), folder)
  return new Runtime(path.join(folder, 'config.bin'), await freePort(), inspect ? await freePort() : null)
}

export class Runtime {
  kills = 0
  /** Printed sign-in codes, by phone number. */
  readonly codes = new Map<string, string>()
  /** The most recent errors in its log. */
  readonly complaints: string[] = []
  readonly origin: string
  readonly #config: string
  readonly #port: number
  readonly #inspectorPort: number | null
  #child: ChildProcess | undefined
  #closed: Promise<unknown> | undefined

  constructor(config: string, port: number, inspectorPort: number | null) {
    this.#config = config
    this.#port = port
    this.#inspectorPort = inspectorPort
    this.origin = `http://127.0.0.1:${port}`
    process.on('exit', () => this.#child?.kill('SIGKILL'))
  }

  get pid() {
    return this.#child?.pid
  }

  /** The DevTools endpoint of the service's isolate. */
  get inspectorUrl() {
    return `ws://127.0.0.1:${this.#inspectorPort}/core:user:big-project`
  }

  /** Starts the process; resolves once it listens, or if it is killed first. */
  async start() {
    const { child } = launch(
      workerd,
      [
        ...['serve', '--binary', '--experimental', this.#config],
        ...[`--socket-addr=entry=127.0.0.1:${this.#port}`, '--external-addr=loopback=127.0.0.1:9', '--control-fd=3'],
        ...(this.#inspectorPort === null ? [] : [`--inspector-addr=127.0.0.1:${this.#inspectorPort}`]),
      ],
      { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] },
    )
    this.#child = child
    this.#closed = once(child, 'close')
    const { stdout, stderr } = child
    const control = child.stdio[3]
    if (!stdout || !stderr || !control) throw new Error('The runtime has no pipes')
    for (const input of [stdout, stderr]) createInterface({ input }).on('line', (line) => this.#read(line))
    const listening = once(control, 'data').then(() => true)
    const isListening = await Promise.race([listening, this.#closed, sleep(startedWithinMs, false, { ref: false })])
    if (isListening !== true && !child.killed) throw new Error('The runtime did not start')
  }

  /** Sends SIGKILL: nothing is flushed or finished. */
  async kill() {
    this.kills++
    this.#child?.kill('SIGKILL')
    await this.#closed
  }

  #read(line: string) {
    const [, phoneNumber, code] = /Code for (\+\d+): (\d+)/.exec(line) ?? []
    if (phoneNumber && code) this.codes.set(phoneNumber, code)
    if (!/"level\\?":\\?"error/.test(line)) return
    this.complaints.push(line)
    if (this.complaints.length > complaintsMax) this.complaints.shift()
  }
}
