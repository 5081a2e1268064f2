import path from 'node:path'
import { node, root } from '../scripts/install.mjs'
import { launch } from '../scripts/processes.mjs'
import type { Costs } from './summary.ts'

/**
 * Counts statements, rows and calls, which only a test can see: runs the test that asserts them, and returns the JSON that
 * it prints on a line after the name. The test may fail, as when a figure has changed.
 */
export async function notedBy<T>(test: string, name: string): Promise<T> {
  const { child, ended } = launch(node, [path.join(root, 'scripts/test.mjs'), test], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let output = ''
  child.stdout?.on('data', (data: Buffer) => (output += data))
  await ended
  const counted = new RegExp(`^${name}: (.*)$`, 'm').exec(output)?.[1]
  if (!counted) throw new Error(`${test} counted nothing:\n${output.slice(-2_000)}`)
  return JSON.parse(counted)
}

export const countCosts = () => notedBy<Record<string, Costs>>('tests/delivery/operation-costs.test.ts', 'costs')
