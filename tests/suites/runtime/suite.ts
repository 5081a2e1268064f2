// Shared by the suites that run on a plain runtime: seed, folder, deadline and report.
import { mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'
import { stopOnSignals } from '../../../scripts/processes.mjs'
import { totals } from './http.ts'
import { prepareRuntime, type Runtime } from './runtime.ts'

const examplesMax = 3

/** The result of one check: examples of what is wrong, or none if it passes. */
export interface Finding {
  name: string
  wrong: string[]
}

export interface Suite {
  /** The parent of the data folder. */
  parent: string
  deadlineMs: number
  options?: Parameters<typeof prepareRuntime>[1]
  work: (runtime: Runtime) => Promise<Finding[]>
}

/** Set SEED to repeat a run's choices. */
export const seed = Number(process.env['SEED'] || Math.floor(Math.random() * 2 ** 31))

const startedAt = performance.now()
export const secondsSinceStart = () => ((performance.now() - startedAt) / 1000).toFixed(1)

export const isPassed = ({ wrong }: Finding) => wrong.length === 0

function report(found: Finding[]) {
  for (const finding of found) {
    console.log(`  ${isPassed(finding) ? '✓' : '✗'} ${finding.name}`)
    for (const example of finding.wrong.slice(0, examplesMax)) console.log(`      ${example}`)
    if (finding.wrong.length > examplesMax) console.log(`      and ${finding.wrong.length - examplesMax} more`)
  }
  const failed = found.filter((finding) => !isPassed(finding)).length
  console.log(`${found.length - failed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
}

function giveUp(reason: unknown) {
  console.error(reason)
  console.error(`Seed ${seed}`)
  for (const answer of totals.unexpected.slice(0, examplesMax)) console.error(`  unexpected: ${answer}`)
  console.log('0 passed, 1 failed')
  process.exitCode = 1
}

/** Runs a suite on its own runtime, reports the findings, and exits. */
export async function runSuite({ parent, deadlineMs, options, work }: Suite): Promise<never> {
  const folder = mkdtempSync(path.join(parent, 'suite-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  stopOnSignals(1)
  setTimeout(() => {
    giveUp(`Not done after ${deadlineMs / 1000} s`)
    process.kill(process.pid, 'SIGTERM')
  }, deadlineMs)

  console.log(`Seed ${seed}`)
  let runtime: Runtime | undefined
  try {
    runtime = await prepareRuntime(folder, options)
    report(await work(runtime))
  } catch (error) {
    giveUp(error)
  }
  if (process.exitCode !== 0) for (const complaint of runtime?.complaints ?? []) console.error(complaint)
  await runtime?.kill()
  return process.exit()
}
