import type { Attempt, Kind } from './attempt'

type Counts = Map<string, number>

const byOperation = new Map<string, Counts>()
const byKind: Counts = new Map()
const successes: Counts = new Map()

const add = (counts: Counts, label: string) => counts.set(label, (counts.get(label) ?? 0) + 1)

export function count(operationId: string, { kind, method }: Attempt, status: number) {
  byOperation.set(operationId, add(byOperation.get(operationId) ?? new Map(), String(status)))
  add(byKind, `${kind} ${Math.floor(status / 100)}xx`)
  if (method === undefined && status < 300) add(successes, operationId)
}

/** How often the operation itself has succeeded, despite an odd header or an extra field. */
export const successesOf = (operationId: string) => successes.get(operationId) ?? 0

/** How many requests of a kind there were. */
export const attemptsOf = (kind: Kind) =>
  [...byKind].reduce((sum, [label, times]) => (label.startsWith(`${kind} `) ? sum + times : sum), 0)

const listed = (counts: Counts) =>
  [...counts]
    .map(([label, times]) => `${label} ×${times}`)
    .sort()
    .join(', ')

export const totalsText = () =>
  [...[...byOperation].map(([operationId, counts]) => `  ${operationId}: ${listed(counts)}`), listed(byKind)].join('\n')
