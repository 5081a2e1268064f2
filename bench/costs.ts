import path from 'node:path'
import { node, root } from '../scripts/install.mjs'
import { launch } from '../scripts/processes.mjs'
import type { Costs } from './summary.ts'

const costsTest = 'tests/delivery/operation-costs.test.ts'

/** Counts statements, rows and calls, which only a test can see: runs the test that asserts them. */
export async function countCosts(): Promise<Record<string, Costs>> {
  const { child, ended } = launch(node, [path.join(root, 'scripts/test.mjs'), costsTest], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let output = ''
  child.stdout?.on('data', (data: Buffer) => (output += data))
  await ended
  const counted = /^costs: (.*)$/m.exec(output)?.[1]
  if (!counted) throw new Error(`${costsTest} counted nothing:\n${output.slice(-2_000)}`)
  return JSON.parse(counted)
}
