import { expect } from 'vitest'
import { commandKinds, eventKinds } from './plan'

const totals = new Map<string, number>()
let inRun = 0
let fewest = Number.POSITIVE_INFINITY

export const count = (what: 'command' | 'fault', name: string) => {
  const label = `${what} ${name}`
  totals.set(label, (totals.get(label) ?? 0) + 1)
  if (what === 'fault') inRun++
}

/** Starts counting the faults of a run. */
export const beginRun = () => {
  inRun = 0
}

export const endRun = () => {
  fewest = Math.min(fewest, inRun)
}

const faultKinds = [
  ...['dropped', 'replyLost', 'doubled', 'late'].flatMap((fault) => [`delivery ${fault}`, `call ${fault}`]),
  'delivery hangs',
  ...['dropped', 'hangs'].map((fault) => `burst ${fault}`),
  ...eventKinds,
]
const labels = [...commandKinds.map((kind) => `command ${kind}`), ...faultKinds.map((kind) => `fault ${kind}`)]

/** How often each command and each fault has happened. */
export const spellTotals = () =>
  `${labels.map((label) => `${label} ${totals.get(label) ?? 0}`).join(', ')}; faults in the calmest run: ${fewest}`

const faultsPerRunMin = 10

/** Nothing may be missing, or the test proves less than it claims. */
export function checkTotals() {
  const missing = labels.filter((label) => !totals.has(label))
  expect(missing, 'what never happened').toEqual([])
  expect(fewest, 'faults in the calmest run').toBeGreaterThanOrEqual(faultsPerRunMin)
}
