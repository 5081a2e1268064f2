// The service in a plain `workerd serve`, its data on disk: a process that can be killed at any moment and listens again
// a quarter of a second later.
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { bin, node, root } from '../../../scripts/install.mjs'
import { launch, run } from '../../../scripts/processes.mjs'

const startedWithinMs = 20_000
const complaintsMax = 20

const { default: workerd } = createRequire(import.meta.resolve('wrangler'))('workerd')

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

/**
 * Builds the worker, applies the migrations and writes the configuration, all inside a folder. `v8Flags` are those of
 * every isolate; with `inspect`, each answers to the DevTools protocol.
 */
export async function prepareRuntime(folder, { v8Flags = [], inspect = false } = {}) {
  const env = {
    ...process.env,
    // Wrangler and Miniflare keep what they leave behind in there.
    TMPDIR: folder,
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    MINIFLARE_WORKERD_V8_FLAGS: v8Flags.join(' '),
    WRANGLER_HIDE_BANNER: 'true',
    WRANGLER_LOG: 'error',
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_WRITE_LOGS: 'false',
  }
  const runNode = async (...args) => {
    const exitCode = await run(node, args, { cwd: root, env, stdio: ['ignore', 'ignore', 'inherit'] })
    if (exitCode !== 0) throw new Error(`It failed: node ${args.join(' ')}`)
  }
  const wrangler = (...args) => runNode(bin('wrangler/bin/wrangler.js'), ...args)
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
  /** Codes that were printed, by phone number. */
  codes = new Map()
  /** The last errors in its log. */
  complaints = []
  #config
  #port
  #inspectorPort
  #child
  #closed

  constructor(config, port, inspectorPort) {
    this.#config = config
    this.#port = port
    this.#inspectorPort = inspectorPort
    this.origin = `http://127.0.0.1:${port}`
    process.on('exit', () => this.#child?.kill('SIGKILL'))
  }

  get pid() {
    return this.#child.pid
  }

  /** Where the service's isolate answers to the DevTools protocol. */
  get inspectorUrl() {
    return `ws://127.0.0.1:${this.#inspectorPort}/core:user:big-project`
  }

  /** Starts the process; resolves once it listens, or was killed before. */
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
    for (const output of [child.stdout, child.stderr])
      createInterface({ input: output }).on('line', (line) => this.#read(line))
    const listening = once(child.stdio[3], 'data').then(() => true)
    const isListening = await Promise.race([listening, this.#closed, sleep(startedWithinMs, false, { ref: false })])
    if (isListening !== true && !child.killed) throw new Error('The runtime does not start')
  }

  /** SIGKILL: nothing is said, flushed or finished. */
  async kill() {
    this.kills++
    this.#child?.kill('SIGKILL')
    await this.#closed
  }

  #read(line) {
    const [, phoneNumber, code] = /Code for (\+\d+): (\d+)/.exec(line) ?? []
    if (code) this.codes.set(phoneNumber, code)
    if (!/"level\\?":\\?"error/.test(line)) return
    this.complaints.push(line)
    if (this.complaints.length > complaintsMax) this.complaints.shift()
  }
}
