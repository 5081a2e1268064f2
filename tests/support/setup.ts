/// <reference types="@cloudflare/vitest-pool-workers/types" />
import { applyD1Migrations, type D1Migration } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterAll, afterEach, expect } from 'vitest'
import type { Notebook } from '../durable/notebook'
import { takeProduced } from './check-response'
import { leaks, releaseLines, unlisted } from './log-watch'

declare global {
  namespace Cloudflare {
    interface Env {
      D1_MIGRATIONS: D1Migration[]
      NOTEBOOK: DurableObjectNamespace<Notebook>
    }
    interface GlobalProps {
      mainModule: typeof import('../../src/index')
    }
  }
}

await applyD1Migrations(env.DB, env.D1_MIGRATIONS)

// The meta of a test is what reaches the reporter, which runs outside this runtime.
afterEach(({ task }) => {
  task.meta.produced = takeProduced()
  releaseLines(task.result?.state === 'fail')
})

// The log holds nothing secret or personal that the tests of a file sent or received. A simulated day leaves long logs.
const comparisonMs = 120_000
afterAll(() => {
  expect(leaks(), 'secrets and personal data in the log').toEqual([])
  expect(unlisted(), 'events in the log that are not in src/core/events.ts as they were logged').toEqual([])
}, comparisonMs)
