// Runs in Node. The runtime writes about what tests do to it on purpose, such as aborting objects, straight to stdout
// and stderr: it is held back, and shown when a run does not pass.
import type { Reporter, TestModule, TestRunEndReason } from 'vitest/node'

const runtimeLines =
  /^(NOSENTRY |(uncaught exception; )?exception = |stack: |failed to invoke drain\(\)|\S*\.c\+\+:\d+: )/
const heldMax = 200

export default class RuntimeLogReporter implements Reporter {
  #held: string[] = []

  onInit() {
    for (const stream of [process.stdout, process.stderr]) this.#filter(stream)
  }

  #filter(stream: NodeJS.WriteStream) {
    const write = stream.write.bind(stream)
    stream.write = (chunk: string | Uint8Array, ...rest: []) => {
      if (typeof chunk !== 'string' || !runtimeLines.test(chunk)) return write(chunk, ...rest)
      this.#held.push(chunk)
      if (this.#held.length > heldMax) this.#held.shift()
      return true
    }
  }

  onTestRunEnd(_: readonly TestModule[], __: unknown, reason: TestRunEndReason) {
    if (reason !== 'passed' && this.#held.length > 0) console.error(`From the runtime:\n${this.#held.join('')}`)
    this.#held = []
  }
}
