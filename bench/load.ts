// Closed-loop load: each connection makes its next call as soon as the last one is answered.
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Runtime } from '../tests/suites/runtime/runtime.ts'
import { Connection } from './connection.ts'

/** One of the connections that make the load; `index` counts from 0. */
export interface Slot {
  index: number
  connection: Connection
}

/** One thing that a client does with one of the workers. Rejects if the worker refuses. */
export interface Operation {
  /** Prepares for as many connections; returns what undoes it. */
  prepare?: (connections: number) => Promise<() => void>
  perform: (slot: Slot) => Promise<void>
  /** Resolves once everything that was acknowledged is where it belongs. */
  settle?: () => Promise<void>
}

export interface Round {
  operations: number
  /** Operations per second, until the last is answered. */
  perSecond: number
  /** Operations per second, until everything has settled. */
  settledPerSecond: number
  /** Milliseconds. */
  p50: number
  p99: number
  /** Processor time of the worker's process per operation, in milliseconds, settling included. */
  cpu: number
  /** Processor time of this process per operation, in milliseconds. */
  clientCpu: number
}

// /proc counts processor time in these, on every Linux.
const ticksPerSecond = 100

/** Processor time that a process has used, user and system, in milliseconds. NaN on systems other than Linux. */
export function cpuOf({ pid }: Runtime): number {
  try {
    // The name in parentheses may hold spaces. `utime` and `stime` are fields 14 and 15, `state` is 3.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return ((Number(fields[11]) + Number(fields[12])) / ticksPerSecond) * 1_000
  } catch {
    return Number.NaN
  }
}

const own = () => process.cpuUsage().user / 1_000 + process.cpuUsage().system / 1_000

const quantile = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN

/** Waits until the process uses no more processor time than idling takes, so that no round pays for the one before. */
export async function untilIdle(runtime: Runtime) {
  const lookMs = 50
  const looksMax = 40
  for (let looks = 0, last = cpuOf(runtime); looks < looksMax; looks++) {
    await sleep(lookMs)
    const now = cpuOf(runtime)
    // Also ends where it cannot be measured.
    if (!(now > last)) return
    last = now
  }
}

export async function measure(
  runtime: Runtime,
  operation: Operation,
  { connections, ms }: { connections: number; ms: number },
): Promise<Round> {
  const slots = Array.from({ length: connections }, (_, index) => ({
    index,
    connection: new Connection(runtime.origin),
  }))
  const undo = await operation.prepare?.(connections)
  await untilIdle(runtime)
  const latencies: number[] = []
  const [cpu, ownCpu, start] = [cpuOf(runtime), own(), performance.now()]
  const work = async (slot: Slot) => {
    for (let began = performance.now(); began - start < ms; ) {
      await operation.perform(slot)
      const ended = performance.now()
      latencies.push(ended - began)
      began = ended
    }
  }
  try {
    await Promise.all(slots.map(work))
    const answered = performance.now()
    await operation.settle?.()
    const settled = performance.now()
    const operations = latencies.length
    latencies.sort((a, b) => a - b)
    return {
      operations,
      perSecond: (operations / (answered - start)) * 1_000,
      settledPerSecond: (operations / (settled - start)) * 1_000,
      p50: quantile(latencies, 0.5),
      p99: quantile(latencies, 0.99),
      cpu: (cpuOf(runtime) - cpu) / operations,
      clientCpu: (own() - ownCpu) / operations,
    }
  } finally {
    for (const { connection } of slots) connection.close()
    undo?.()
  }
}
