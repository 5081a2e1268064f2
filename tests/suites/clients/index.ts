// `npm run test:clients`: generates clients from the committed document, compiles them, and runs them against `npm start`.
// It does the same with the client in examples/typescript.
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { bin, installMissing, node, root } from '../../../scripts/install.mjs'
import { run, stopOnSignals } from '../../../scripts/processes.mjs'
import { freePort } from '../runtime/free-port.ts'
import { npmStart } from '../runtime/npm-start.ts'
import type { GeneratedClient } from './adapters/client.ts'
import { exampleTypes, folder, generate, generated, installGenerators, names, runPackage } from './generators.ts'
import { type CodeFor, roundTrip } from './round-trip.ts'

/** The exports of an adapter for a generated client. */
interface GeneratedModule {
  client: (origin: string) => GeneratedClient
}

interface ExampleModule {
  steps: (origin: string, codeFor: CodeFor) => AsyncIterable<string>
}

const totals = { passed: 0, failed: 0 }

function report(holds: boolean, what: string): boolean {
  totals[holds ? 'passed' : 'failed']++
  console.log(`  ${holds ? '✓' : '✗'} ${what}`)
  return holds
}

/** Writes a compiler project with the strict flags of the tsconfig.json beside this file. */
async function projectOf(name: string): Promise<string> {
  const file = path.join(generated, `${name}.tsconfig.json`)
  const include = [path.join(folder, 'adapters', `${name}.ts`), path.join(generated, name)]
  await writeFile(file, JSON.stringify({ extends: path.join(folder, 'tsconfig.json'), files: undefined, include }))
  return file
}

async function compile(name: string) {
  const project = await projectOf(name)
  const byOldest = await runPackage(['typescript/bin/tsc', '-p', project])
  report(byOldest === 0, `${name}: compiles with \`strict\` under TypeScript 5`)
  const byNewest = await run(node, [bin('typescript/bin/tsc'), '-p', project], { cwd: root })
  report(byNewest === 0, `${name}: compiles with \`strict\` under TypeScript 7`)
}

async function load<Exports>(name: string): Promise<Exports> {
  const outfile = path.join(generated, `${name}.mjs`)
  const options = ['--bundle', '--format=esm', '--platform=neutral', '--main-fields=module,main', '--log-level=warning']
  const exitCode = await runPackage([
    'esbuild/bin/esbuild',
    path.join(folder, 'adapters', `${name}.ts`),
    ...options,
    `--outfile=${outfile}`,
  ])
  if (exitCode !== 0) throw new Error('Bundling failed')
  return import(outfile)
}

async function use<Exports>(name: string, stepsOf: (exports: Exports) => AsyncIterable<string>) {
  try {
    for await (const step of stepsOf(await load<Exports>(name))) report(true, `${name}: ${step}`)
  } catch (error) {
    report(false, `${name}: ${error instanceof Error ? error.stack : error}`)
  }
}

stopOnSignals(1)
await installMissing()
await installGenerators()
await mkdir(generated, { recursive: true })
const port = Number(process.env['PORT']) || (await freePort())
const origin = `http://localhost:${port}`

report((await exampleTypes('--check')) === 0, 'the types of examples/typescript are up to date (npm run openapi:types)')
for (const name of names) {
  if (report((await generate(name, origin)) === 0, `${name}: generates a client`)) await compile(name)
}
await compile('example')
const server = await npmStart({ port })
try {
  for (const name of names) await use(name, ({ client }: GeneratedModule) => roundTrip(client(origin), server.codeFor))
  await use('example', ({ steps }: ExampleModule) => steps(origin, server.codeFor))
} finally {
  await server.stop()
}
console.log(`${totals.passed} passed, ${totals.failed} failed`)
process.exit(totals.failed === 0 ? 0 : 1)
