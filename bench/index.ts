// `npm run bench`: measures the service next to a bare worker that does only what no messenger can do without. Both run in
// a plain `workerd serve`, with their data on disk.
//   --quick    a few rows at 16 connections, in less than two minutes
//   --write    writes docs/performance.md and its curves
//   --profile  prints where the processor time of the service goes, instead
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../scripts/install.mjs'
import { stopOnSignals } from '../scripts/processes.mjs'
import { attempt } from '../tests/suites/runtime/http.ts'
import { bareOperations } from './bare-operations.ts'
import { chartOf } from './chart.ts'
import { countCosts } from './costs.ts'
import { fsyncsPerSecond } from './disk.ts'
import { measureGrowth } from './growth.ts'
import { measure, type Operation } from './load.ts'
import { performancePage } from './page.ts'
import { gather, type People } from './people.ts'
import { profile } from './profile.ts'
import { type RowName, rowNames } from './rows.ts'
import { pagePaths, serviceOperations } from './service-operations.ts'
import { type Result, type RowResult, rowResult, summarize } from './summary.ts'
import { terminalTable } from './table.ts'
import { startWorkers, type Workers } from './workers.ts'

interface Plan {
  rows: readonly RowName[]
  connections: readonly number[]
  rounds: number
  roundMs: number
}

const warmUpMs = 500
const profileMs = 4_000
const profiled: readonly RowName[] = ['send', 'noop', 'messages', 'chats', 'changes', 'findContacts', 'signIn']
const quick: Plan = {
  rows: ['send', 'messages', 'chats', 'changes', 'noop'],
  connections: [16],
  rounds: 5,
  roundMs: 1_000,
}
const full: Plan = { rows: rowNames, connections: [1, 16, 64], rounds: 5, roundMs: 1_000 }

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
  },
})
if (options.quick && options.write) throw new Error('The page is written from a full run.')
const plan = options.quick ? quick : full
const dist = path.join(root, 'dist')

type Operations = { service: Partial<Record<RowName, Operation>>; bare: Partial<Record<RowName, Operation>> }

async function pageBytes({ service: { origin } }: Workers, people: People) {
  const bytesOf = async (page: string) => (await attempt(origin, 'GET', page, { token: people.reader.token })).bytes
  const { messages, chats, changes } = pagePaths(people)
  return { messages: await bytesOf(messages), chats: await bytesOf(chats), changes: await bytesOf(changes) }
}

async function prepare(workers: Workers): Promise<Operations> {
  const people = await gather(workers.service)
  const bytes = await pageBytes(workers, people)
  return {
    service: await serviceOperations(workers.service, people),
    bare: await bareOperations(workers.bare, bytes),
  }
}

/** Measures one row; the workers take turns, so that what else the machine does meets both. */
async function measureRow(workers: Workers, operations: Operations, name: RowName, connections: number) {
  const rounds = async (worker: 'service' | 'bare', ms: number) => {
    const operation = operations[worker][name]
    return operation ? [await measure(workers[worker], operation, { connections, ms })] : []
  }
  await rounds('service', warmUpMs)
  await rounds('bare', warmUpMs)
  const [service, bare] = [[], []] as [Awaited<ReturnType<typeof rounds>>, Awaited<ReturnType<typeof rounds>>]
  for (let round = 0; round < plan.rounds; round++) {
    service.push(...(await rounds('service', plan.roundMs)))
    bare.push(...(await rounds('bare', plan.roundMs)))
  }
  return rowResult(name, connections, summarize(service), bare.length > 0 ? summarize(bare) : undefined)
}

async function measureAll(workers: Workers, folder: string): Promise<Result> {
  const operations = await prepare(workers)
  const rows: RowResult[] = []
  for (const name of plan.rows)
    for (const connections of plan.connections) rows.push(await measureRow(workers, operations, name, connections))
  return {
    measuredAt: new Date().toISOString(),
    isQuick: options.quick,
    rounds: plan.rounds,
    roundMs: plan.roundMs,
    cores: availableParallelism(),
    fsyncsPerSecond: fsyncsPerSecond(folder),
    rows,
    costs: options.quick ? {} : await countCosts(),
    growth: options.quick ? [] : await measureGrowth(workers.service, folder),
  }
}

async function profileAll(workers: Workers, folder: string) {
  const { service } = await prepare(workers)
  const load = { connections: 16, ms: profileMs }
  for (const name of profiled) {
    const operation = service[name]
    if (!operation) continue
    await measure(workers.service, operation, load)
    const work = async () => (await measure(workers.service, operation, load)).operations
    console.log(`== ${name} ==\n${await profile(workers.service, path.join(folder, 'service/worker'), work)}`)
  }
}

/** Writes the page and its curves from what was measured. */
function writeDocs(result: Result) {
  const docs = path.join(root, 'docs')
  writeFileSync(path.join(docs, 'performance.md'), performancePage(result))
  for (const kind of ['messages', 'chats'] as const)
    writeFileSync(path.join(docs, `performance-${kind}.svg`), chartOf(result.growth, kind))
}

function report(result: Result) {
  writeFileSync(path.join(dist, 'bench.json'), `${JSON.stringify(result, null, 2)}\n`)
  console.log(terminalTable(result.rows))
  console.log(
    `${result.cores} cores, ${Math.round(result.fsyncsPerSecond)} fsyncs a second; medians of ${result.rounds} rounds of ${result.roundMs} ms.`,
  )
  if (options.write) writeDocs(result)
}

stopOnSignals(130)
mkdirSync(dist, { recursive: true })
// Not in the system's folder for temporary files, which may be in memory.
const folder = mkdtempSync(path.join(dist, 'bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
const workers = await startWorkers(folder, { inspect: options.profile })
try {
  if (options.profile) await profileAll(workers, folder)
  else report(await measureAll(workers, folder))
} catch (error) {
  console.error(error)
  for (const complaint of workers.service.complaints) console.error(complaint)
  process.exitCode = 1
}
await Promise.all([workers.service.kill(), workers.bare.kill()])
process.exit()
