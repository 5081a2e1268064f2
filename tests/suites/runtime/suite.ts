// What suites that run on a plain runtime have in common: a seed, a folder, a deadline, and a report of what they found.
import { mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'
import { stopOnSignals } from '../../../scripts/processes.mjs'
import { totals } from './http.ts'
import { prepareRuntime, type Runtime } from './runtime.ts'

const examplesMax = 3

/** What a check found wrong, by way of example: nothing when it holds. */
export interface Finding {
  name: string
  wrong: string[]
}

export interface Suite {
  /** Where its data goes. */
  parent: string
  deadlineMs: number
  options?: Parameters<typeof prepareRuntime>[1]
  work: (runtime: Runtime) => Promise<Finding[]>
}

/** SEED repeats a run's choices. */
export const seed = Number(process.env['SEED'] || Math.floor(Math.random() * 2 ** 31))

const startedAt = performance.now()
export const secondsSinceStart = () => ((performance.now() - startedAt) / 1000).toFixed(1)

export const isHeld = ({ wrong }: Finding) => wrong.length === 0

function report(found: Finding[]) {
  for (const finding of found) {
    console.log(`  ${isHeld(finding) ? '✓' : '✗'} ${finding.name}`)
    for (const example of finding.wrong.slice(0, examplesMax)) console.log(`      ${example}`)
    if (finding.wrong.length > examplesMax) console.log(`      and ${finding.wrong.length - examplesMax} more`)
  }
  const failed = found.filter((finding) => !isHeld(finding)).length
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

/** Runs a suite on a runtime of its own, reports what it found, and ends the process. */
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
