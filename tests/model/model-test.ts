import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { limits } from '../../src/core/limits'
import { sized } from '../support/run-size'
import { story } from './journal'
import { commandsPerRun, plans } from './plan'
import { carryOut } from './run'
import { beginRun, checkTotals, endRun, spellTotals } from './totals'

declare global {
  interface ImportMeta {
    readonly env: Record<string, string | undefined>
  }
}

const setting = (name: string): string | undefined => import.meta.env[`VITE_${name}`]

const shards = 2
const runs = Math.ceil(Number(setting('MODEL_RUNS') ?? sized(16, 140)) / shards)
/** With fewer runs, something may well never happen. */
const runsForTotals = 35

export function modelTest(shard: number) {
  const seed = Number(setting('MODEL_SEED') ?? 20_261_124 + shard)
  const path = setting('MODEL_PATH')

  beforeAll(() => {
    // Batches are cut often, and a call that hangs holds back a run only briefly.
    Object.assign(limits, { deliveryRowsMax: 2, deliveryTimeoutMs: 300, requestMessagesMax: 8 })
    // Thousands of requests log, and a failing check reports everything that they would say.
    for (const level of ['log', 'info', 'warn', 'error'] as const) console[level] = () => undefined
  })

  test(`any history keeps every guarantee of the mailbox (${runs} runs, seed ${seed})`, {
    timeout: 3_600_000,
  }, async ({ task }) => {
    const property = fc.asyncProperty(plans, async (plan) => {
      beginRun()
      await carryOut(plan)
      endRun()
    })
    const details = await fc.check(property, {
      seed,
      numRuns: runs,
      ...(path === undefined ? {} : { path }),
      endOnFailure: setting('MODEL_SHRINK') === undefined,
    })
    task.meta.note = `model: ${details.numRuns} runs of ${commandsPerRun} commands, seed ${seed}: ${spellTotals()}`
    if (details.failed) {
      const again = `VITE_MODEL_SEED=${details.seed} VITE_MODEL_PATH=${details.counterexamplePath}`
      expect.fail(`run ${details.numRuns} failed; repeat it with ${again}\n${story(details.errorInstance)}`)
    }
    if (details.numRuns >= runsForTotals) checkTotals()
  })
}
