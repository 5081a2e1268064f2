// `npm run bundle`: prints how large the built Worker is and how long it takes to start, and fails if it has outgrown its
// budget.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { unstable_readConfig } from 'wrangler'
import { bundleBudget } from './budgets.mjs'
import { root } from './install.mjs'
import { launch, stopOnSignals } from './processes.mjs'

const dist = path.join(root, 'dist')
const starts = 11
const startsWithinMs = 60_000

/** @type {string} */
const workerd = createRequire(import.meta.resolve('wrangler'))('workerd').default
const { compatibility_date: date } = unstable_readConfig({ config: path.join(root, 'wrangler.toml') })

const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "worker", worker = (
    modules = [(name = "index.js", esModule = embed "index.js")],
    compatibilityDate = "${date}",
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "worker")],
);
`

/**
 * Processor time of all threads of a process in milliseconds, by the scheduler's nanoseconds. NaN on systems other than
 * Linux.
 */
function cpuOf(/** @type {number | undefined} */ pid) {
  const tasks = `/proc/${pid}/task`
  try {
    const nanoseconds = readdirSync(tasks).map((id) =>
      Number(readFileSync(`${tasks}/${id}/schedstat`, 'utf8').split(' ')[0]),
    )
    return nanoseconds.reduce((sum, one) => sum + one, 0) / 1e6
  } catch {
    return Number.NaN
  }
}

/** Starts a runtime with the worker in a folder. Resolves to the processor time that it used until it listened. */
async function startOnce(/** @type {string} */ folder) {
  const { child, ended } = launch(workerd, ['serve', path.join(folder, 'config.capnp'), '--control-fd=3'], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  })
  let complaint = ''
  child.stderr?.on('data', (data) => {
    complaint += data
  })
  /** @type {Promise<number>} */
  const listening = new Promise((resolve) => child.stdio[3]?.once('data', () => resolve(cpuOf(child.pid))))
  const timer = setTimeout(() => child.kill('SIGKILL'), startsWithinMs)
  const cpu = await Promise.race([listening, ended.then(() => null)])
  clearTimeout(timer)
  child.kill('SIGKILL')
  await ended
  if (cpu === null) throw new Error(`The Worker does not start:\n${complaint}`)
  return cpu
}

const median = (/** @type {number[]} */ values) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN

/** Processor time of a start, as medians of alternating starts: of the given Worker, and of one that does nothing. */
async function measureStart(/** @type {string} */ worker) {
  const folder = mkdtempSync(path.join(dist, 'bundle-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const empty = 'export default { fetch() { return new Response() } }'
  const cases = Object.entries({ worker, empty }).map(([name, source]) => {
    const at = path.join(folder, name)
    mkdirSync(at)
    writeFileSync(path.join(at, 'index.js'), source)
    writeFileSync(path.join(at, 'config.capnp'), config)
    /** @type {number[]} */
    const cpu = []
    return { at, cpu }
  })
  for (let start = 0; start < starts; start++) for (const { at, cpu } of cases) cpu.push(await startOnce(at))
  const [service = Number.NaN, bare = Number.NaN] = cases.map(({ cpu }) => median(cpu))
  return { service, bare, ratio: service / bare }
}

/** Reports a figure beside its budget. A figure that cannot be measured here passes. */
function check(/** @type {string} */ what, /** @type {number} */ value, /** @type {number} */ most, unit = '') {
  const isOver = value > most
  console.log(`${what}: ${value.toFixed(1)}${unit}, budget ${most}${unit}${isOver ? ': over its budget' : ''}.`)
  if (isOver) process.exitCode = 1
}

stopOnSignals(130)
const worker = readFileSync(path.join(dist, 'worker/index.js'), 'utf8')
check('Worker, gzip', gzipSync(worker).length / 1024, bundleBudget.gzipKib, ' KiB')
const { service, bare, ratio } = await measureStart(worker)
console.log(`A start takes ${service.toFixed(0)} ms of processor time, that of an empty worker ${bare.toFixed(0)} ms.`)
check('Start, as a multiple of that', ratio, bundleBudget.startRatio)
