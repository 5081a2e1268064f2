// The service in a plain `workerd serve` with its data on disk: a process that you can kill at any moment and that listens
// again a quarter of a second later.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { bin, node, root } from '../../../scripts/install.mjs'
import { launch, run } from '../../../scripts/processes.mjs'
import { freePort } from './free-port.ts'

const startedWithinMs = 20_000
const complaintsMax = 20
const bytesReadAtOnce = 65_536

const { default: workerd }: { default: string } = createRequire(import.meta.resolve('wrangler'))('workerd')

interface RuntimeOptions {
  /** V8 flags for every isolate. */
  v8Flags?: string[]
  /** Whether isolates expose the DevTools protocol. */
  inspect?: boolean
  /** The script that writes the configuration into the folder, and its arguments. */
  configScript?: [string, ...string[]]
  /** The socket of the configuration that `origin` leads to. */
  socket?: string
}

const prepareEnv = (folder: string, v8Flags: string[] = []) => ({
  ...process.env,
  // Wrangler and Miniflare put their temporary files there.
  TMPDIR: folder,
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  MINIFLARE_WORKERD_V8_FLAGS: v8Flags.join(' '),
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_LOG: 'error',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_WRITE_LOGS: 'false',
})

async function runNode(env: NodeJS.ProcessEnv, ...args: string[]) {
  const exitCode = await run(node, args, { cwd: root, env, stdio: ['ignore', 'ignore', 'inherit'] })
  if (exitCode !== 0) throw new Error(`Failed: node ${args.join(' ')}`)
}

/** Builds the worker, applies the migrations and writes the configuration, all inside `folder`. */
export async function prepareRuntime(folder: string, options: RuntimeOptions = {}) {
  const env = prepareEnv(folder, options.v8Flags)
  const wrangler = (...args: string[]) => runNode(env, bin('wrangler/bin/wrangler.js'), ...args)
  await import('../../../scripts/docs-assets.mjs')
  await Promise.all([
    wrangler('deploy', '--dry-run', '--outdir', path.join(folder, 'worker')),
    wrangler('d1', 'migrations', 'apply', 'DB', '--local', '--persist-to', path.join(folder, 'state')),
  ])
  return configureRuntime(folder, options)
}

/** Writes the configuration of a worker that is built in `folder`. */
export async function configureRuntime(folder: string, options: RuntimeOptions = {}) {
  const { v8Flags, inspect = false, configScript = [path.join(import.meta.dirname, 'write-config.ts')] } = options
  const [script, ...args] = configScript
  await runNode(prepareEnv(folder, v8Flags), script, folder, ...args)
  return new Runtime({
    config: path.join(folder, 'config.bin'),
    output: path.join(folder, 'output.log'),
    socket: options.socket ?? 'entry',
    port: await freePort(),
    inspectorPort: inspect ? await freePort() : null,
  })
}

interface RuntimeAddress {
  config: string
  /** The file that its output is added to. Nobody reads it while it is written, so that its reader takes no time. */
  output: string
  socket: string
  port: number
  inspectorPort: number | null
}

export class Runtime {
  kills = 0
  readonly origin: string
  readonly #codes = new Map<string, string>()
  readonly #complaints: string[] = []
  readonly #output: number
  readonly #reader: number
  /** The beginning of a line that is not finished yet. */
  #unread = ''
  readonly #address: RuntimeAddress
  #child: ChildProcess | undefined
  #closed: Promise<unknown> | undefined

  constructor(address: RuntimeAddress) {
    this.#address = address
    this.#output = openSync(address.output, 'a')
    this.#reader = openSync(address.output, 'r')
    this.origin = `http://127.0.0.1:${address.port}`
    process.on('exit', () => this.#child?.kill('SIGKILL'))
  }

  get pid() {
    return this.#child?.pid
  }

  /** The sign-in codes that were printed until now, by phone number. */
  get codes(): ReadonlyMap<string, string> {
    this.#readOutput()
    return this.#codes
  }

  /** The most recent errors in its log. */
  get complaints(): readonly string[] {
    this.#readOutput()
    return this.#complaints
  }

  /** The DevTools endpoint of the service's isolate. */
  get inspectorUrl() {
    return `ws://127.0.0.1:${this.#address.inspectorPort}/core:user:big-project`
  }

  /** Starts the process; resolves once it listens, or if it is killed first. */
  async start() {
    const { config, socket, port, inspectorPort } = this.#address
    const { child } = launch(
      workerd,
      [
        ...['serve', '--binary', '--experimental', config],
        // The configuration gives this socket no address.
        ...(socket === 'entry' ? [] : ['--socket-addr=entry=127.0.0.1:0']),
        ...[`--socket-addr=${socket}=127.0.0.1:${port}`, '--external-addr=loopback=127.0.0.1:9', '--control-fd=3'],
        ...(inspectorPort === null ? [] : [`--inspector-addr=127.0.0.1:${inspectorPort}`]),
      ],
      { stdio: ['ignore', this.#output, this.#output, 'pipe'] },
    )
    this.#child = child
    this.#closed = once(child, 'close')
    const control = child.stdio[3]
    if (!control) throw new Error('The runtime has no pipe')
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

  #readOutput() {
    const buffer = Buffer.alloc(bytesReadAtOnce)
    for (;;) {
      const bytes = readSync(this.#reader, buffer)
      if (bytes === 0) return
      const lines = (this.#unread + buffer.toString('latin1', 0, bytes)).split('\n')
      this.#unread = lines.pop() ?? ''
      for (const line of lines) this.#read(line)
    }
  }

  #read(line: string) {
    const [, phoneNumber, code] = /Code for (\+\d+): (\d+)/.exec(line) ?? []
    if (phoneNumber && code) this.#codes.set(phoneNumber, code)
    if (!/"level\\?":\\?"error/.test(line)) return
    this.#complaints.push(line)
    if (this.#complaints.length > complaintsMax) this.#complaints.shift()
  }
}
