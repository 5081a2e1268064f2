// `npm run cost`: counts what messages cost, and writes docs/figures.json and docs/cost.md. Processor times are taken from
// dist/bench.json if `npm run bench` has written it; otherwise they stay as they are.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { root } from '../scripts/install.mjs'
import { billOf, type Figures, totalOf } from './cost-model.ts'
import { costPage } from './cost-page.ts'
import { notedBy } from './costs.ts'
import type { Result } from './summary.ts'

const file = path.join(root, 'docs/figures.json')
const benchFile = path.join(root, 'dist/bench.json')
const connections = 16

/** Processor times of the last full benchmark, or undefined if there was none. */
function measuredCpu(): Figures['cpuMs'] | undefined {
  if (!existsSync(benchFile)) return undefined
  const { rows }: Result = JSON.parse(readFileSync(benchFile, 'utf8'))
  const cpuOf = (name: string) =>
    rows.find((row) => row.name === name && row.connections === connections)?.service.cpu.median ?? Number.NaN
  const cpuMs = { send: cpuOf('send'), changes: cpuOf('changes'), noop: cpuOf('noop') }
  if (Object.values(cpuMs).some(Number.isNaN)) return undefined
  const rounded = (ms: number) => Math.round(ms * 100) / 100
  return { send: rounded(cpuMs.send), changes: rounded(cpuMs.changes), noop: rounded(cpuMs.noop) }
}

const before: Figures = JSON.parse(readFileSync(file, 'utf8'))
const counted: Figures['counted'] = await notedBy('tests/delivery/message-costs.test.ts', 'message costs')
const figures: Figures = {
  countedAt: new Date().toISOString().slice(0, 'yyyy-mm-dd'.length),
  counted,
  cpuMs: measuredCpu() ?? before.cpuMs,
}
writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`)
writeFileSync(path.join(root, 'docs/cost.md'), costPage(figures))
const goal = 11
const cost = totalOf(billOf(counted.busy, 0))
console.log(
  `Wrote docs/figures.json and docs/cost.md: $${cost.toFixed(2)} per million messages, ${
    cost <= goal ? 'within' : 'above'
  } the goal of $${goal}.`,
)
if (cost > goal)
  console.log(`It takes ${(counted.busy.written - (cost - goal)).toFixed(2)} rows written per message, or fewer.`)
