// `npm run test:postman`: runs the committed collection against a fresh `npm start`, then collections converted from the
// served document. Exits with 1 on any failure.
import path from 'node:path'
import { installMissing } from '../../../scripts/install.mjs'
import { stopOnSignals } from '../../../scripts/processes.mjs'
import { type NpmServer, npmStart } from '../runtime/npm-start.ts'
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
const { runCollection, runUnattended, testNumbers } = await import('./collection-run.ts')
const { conversions, runConversion } = await import('./conversion-run.ts')
async function withServer(work: (server: NpmServer) => Promise<void>, environment?: Record<string, string>) {
  const server = await npmStart({ ...(environment && { environment }) })
  try {
    await work(server)
  } finally {
    await server.stop()
  }
}

await withServer(async (server) => {
  report('The committed collection', await runCollection(root, server))
  for (const conversion of conversions)
    report(`A conversion ${conversion.name}`, await runConversion(root, server, conversion))
})
await withServer(
  async (server) => report('The committed collection, with nobody to read codes', await runUnattended(root, server)),
  { OTP_TEST_NUMBERS: testNumbers },
)
if (failures.length > 0) process.exitCode = 1
