// Runs in Node. The output of passing tests stays hidden; what should be read anyway, they leave in their meta.
import type { Reporter, TestModule } from 'vitest/node'

declare module 'vitest' {
  interface TaskMeta {
    note?: string
  }
}

export default class NotesReporter implements Reporter {
  onTestRunEnd(testModules: readonly TestModule[]) {
    const tests = testModules.flatMap((module) => [...module.children.allTests()])
    for (const { note } of tests.map((test) => test.meta())) if (note) console.log(note)
  }
}
