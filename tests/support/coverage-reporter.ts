// Runs in Node, outside the tests' own runtime: all it knows about them is what they leave in their task's meta.
import type { Reporter, TestModule, TestRunEndReason, Vitest } from 'vitest/node'

declare module 'vitest' {
  interface TaskMeta {
    /** `operationId status` pairs that a test saw. */
    produced?: string[]
    /** All pairs that the document declares; one test hands them over. */
    declared?: string[]
  }
}

/** After a full run: fails it unless every status that the document declares was produced by some test. */
export default class StatusCoverageReporter implements Reporter {
  #vitest: Vitest | undefined

  onInit(vitest: Vitest) {
    this.#vitest = vitest
  }

  async onTestRunEnd(testModules: readonly TestModule[], _: unknown, reason: TestRunEndReason) {
    if (!(await this.#wasFull(testModules))) return
    const metas = testModules.flatMap((module) => [...module.children.allTests()].map((test) => test.meta()))
    const declared = metas.flatMap((meta) => meta.declared ?? [])
    const produced = new Set(metas.flatMap((meta) => meta.produced ?? []))
    const missing = declared.filter((pair) => !produced.has(pair))
    for (const pair of missing) console.log(`not produced: ${pair}`)
    if (declared.length === 0) console.log('no test handed over the declared statuses')
    else if (missing.length === 0)
      console.log(`every declared status of ${operationsOf(declared)} operations was produced`)
    if (reason === 'passed' && (missing.length > 0 || declared.length === 0)) process.exitCode = 1
  }

  async #wasFull(testModules: readonly TestModule[]): Promise<boolean> {
    const vitest = this.#vitest
    if (!vitest || vitest.config.watch || vitest.getGlobalTestNamePattern()) return false
    return testModules.length === (await vitest.globTestSpecifications()).length
  }
}

const operationsOf = (pairs: string[]) => new Set(pairs.map((pair) => pair.split(' ')[0])).size
