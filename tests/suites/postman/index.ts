// `npm run test:postman`: runs the committed collection against a fresh `npm start`, then collections converted from the
// served document. Exits with 1 on any failure.
import path from 'node:path'
import { installMissing } from '../../../scripts/install.mjs'
import { stopOnSignals } from '../../../scripts/processes.mjs'
import { npmStart } from '../runtime/npm-start.ts'
import type { RunResult } from './collection.ts'

const root = path.resolve(import.meta.dirname, '../../..')
const failures: string[] = []

function report(what: string, { requests, assertions, failures: found }: RunResult) {
  for (const failure of found) console.error(`  ✗ ${failure}`)
  console.log(`${what}: ${requests} requests, ${assertions} assertions, ${found.length} failures`)
  failures.push(...found)
}

stopOnSignals(1)
await installMissing()
const { runCollection } = await import('./collection-run.ts')
const { conversions, runConversion } = await import('./conversion-run.ts')
const server = await npmStart()
try {
  report('The committed collection', await runCollection(root, server))
  for (const conversion of conversions)
    report(`A conversion ${conversion.name}`, await runConversion(root, server, conversion))
} finally {
  await server.stop()
}
if (failures.length > 0) process.exitCode = 1
