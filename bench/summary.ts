import type { Round } from './load.ts'
import type { RowName } from './rows.ts'

/** A figure over all rounds. */
export interface Figure {
  median: number
  min: number
  max: number
}

/** One worker in one row: a figure for each of a round's. */
export type WorkerResult = Record<keyof Round, Figure>

export interface RowResult {
  name: RowName
  connections: number
  service: WorkerResult
  bare?: WorkerResult
  /** Operations per second of the service, divided by those of the bare worker. */
  ratio?: number
  /** The same, until everything is delivered. */
  settledRatio?: number
}

/** A point of a curve: a call to a mailbox that holds so many messages or chats, in milliseconds. */
export interface Curve {
  kind: 'messages' | 'chats'
  size: number
  call: string
  p50: number
  p99: number
}

/** What one operation costs, on average. */
export interface Costs {
  /** SQL statements in mailboxes. */
  statements: number
  /** Synchronous blocks, each of which is one commit at most. */
  blocks: number
  /** Rows read in mailboxes. */
  read: number
  /** Rows written in mailboxes, alarms included. */
  written: number
  /** Calls of mailboxes. */
  calls: number
  /** Statements of D1. */
  d1: number
}

export interface Result {
  measuredAt: string
  isQuick: boolean
  rounds: number
  roundMs: number
  cores: number
  /** Writes of 4 KB, each made durable, that the disk does in a second, one after the other. */
  fsyncsPerSecond: number
  rows: RowResult[]
  growth: Curve[]
  /** By operation. */
  costs: Record<string, Costs>
}

export function figure(values: readonly number[]): Figure {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [low, high] = [
    sorted[sorted.length % 2 === 0 ? middle - 1 : middle] ?? Number.NaN,
    sorted[middle] ?? Number.NaN,
  ]
  return { median: (low + high) / 2, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN }
}

export function summarize(rounds: readonly Round[]): WorkerResult {
  const of = (key: keyof Round) => figure(rounds.map((round) => round[key]))
  return {
    operations: of('operations'),
    perSecond: of('perSecond'),
    settledPerSecond: of('settledPerSecond'),
    p50: of('p50'),
    p99: of('p99'),
    cpu: of('cpu'),
    clientCpu: of('clientCpu'),
  }
}

export function rowResult(name: RowName, connections: number, service: WorkerResult, bare?: WorkerResult): RowResult {
  if (!bare) return { name, connections, service }
  const ratio = (key: 'perSecond' | 'settledPerSecond') => service[key].median / bare[key].median
  return { name, connections, service, bare, ratio: ratio('perSecond'), settledRatio: ratio('settledPerSecond') }
}
