// `npm run test:languages`: generates clients of other languages from the committed document, compiles them, and runs them
// against `npm start`, and against a server that has grown since.
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { installMissing, root } from '../../../scripts/install.mjs'
import { stopOnSignals } from '../../../scripts/processes.mjs'
import { type NpmServer, npmStart } from '../runtime/npm-start.ts'
import { type Build, builds, clean, guideProgram, programs } from './builds.ts'
import { steps } from './clients.ts'
import { execute, hasCommand } from './commands.ts'
import { type GrownServer, growingProxy } from './grown-server.ts'
import { addedLater } from './grown-values.ts'
import { shownByGuide, signBenIn } from './guide.ts'

const totals = { passed: 0, failed: 0, skipped: 0 }

function report(holds: boolean, what: string) {
  totals[holds ? 'passed' : 'failed']++
  console.log(`  ${holds ? '✓' : '✗'} ${what}`)
}

function skip(what: string, count = 1) {
  totals.skipped += count
  console.log(`  Skipped: ${what}`)
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** The builds whose commands are installed. Reports the others, in a line for each command that is missing. */
function possible(all: Build[]): Build[] {
  const skipped = new Map<string, string>()
  for (const { clients, needs } of all) {
    const missing = needs.filter((command) => !hasCommand(command)).join(' and ')
    if (missing) for (const client of clients) skipped.set(client, skipped.get(client) ?? missing)
  }
  for (const missing of new Set(skipped.values())) {
    const clients = [...skipped].flatMap(([client, lacks]) => (lacks === missing ? client : []))
    skip(`${clients.join(', ')}: ${missing} not installed.`, clients.length)
  }
  return all.filter(({ needs }) => needs.every(hasCommand))
}

/** Resolves to the clients that it has built. */
async function build({ clients, done, run }: Build): Promise<string[]> {
  try {
    await run()
    for (const client of clients) report(true, `${client}: ${done}`)
    return clients
  } catch (error) {
    for (const client of clients) report(false, `${client}: ${done}: ${messageOf(error)}`)
    return []
  }
}

interface Server {
  name: string
  origin: string
  /** The code of the problem for a message that does not exist. */
  code: string
}

const clearing = 'changes a field of the profile and clears it'

const canClear = (client: string, { CLEARS_BY_EMPTY_TEXT }: Record<string, string>) =>
  CLEARS_BY_EMPTY_TEXT === 'true' || !client.startsWith('kotlin')

let subscriber = 2_000_000 + Math.floor(Math.random() * 7_000_000)

async function use(client: string, { name, origin, code }: Server, environment: Record<string, string>) {
  const program = programs[client]
  if (!program) return
  const env = {
    ...environment,
    ...program.env,
    ORIGIN: origin,
    CODE: code,
    GROWN: String(code === addedLater),
    ANA: `+1202${subscriber++}`,
    BEN: `+1202${subscriber++}`,
  }
  try {
    const output = await execute(`${client}-${name}`, program.command, program.args, { env })
    const printed = output.trim().split('\n')
    for (const step of steps) {
      if (step === clearing && !canClear(client, environment)) skip(`${client}, ${name}: ${step}: it cannot send null.`)
      else report(printed.includes(step), `${client}, ${name}: ${step}`)
    }
  } catch (error) {
    report(false, `${client}, ${name}: ${messageOf(error)}`)
  }
}

/** Whether an empty text clears a field, as Kotlin's clients need it. */
async function clearsByEmptyText(): Promise<boolean> {
  const { components } = JSON.parse(await readFile(path.join(root, 'openapi/openapi.json'), 'utf8'))
  return !components.schemas.ProfileChange.properties.about.minLength
}

async function useAll(clients: string[], live: string, { origin, codes }: GrownServer) {
  const environment = { CODES: codes, CLEARS_BY_EMPTY_TEXT: String(await clearsByEmptyText()) }
  const servers: Server[] = [
    { name: 'live', origin: live, code: 'message_not_found' },
    { name: 'grown', origin, code: addedLater },
  ]
  await Promise.all(clients.flatMap((client) => servers.map((server) => use(client, server, environment))))
}

async function followGuide(live: NpmServer, { codes }: GrownServer) {
  const env = { ORIGIN: live.origin, CODES: codes, PHONE: `+1202${subscriber++}` }
  try {
    await signBenIn(live)
    const { command, args } = guideProgram
    const shown = await execute('guide', command, args, { cwd: root, env })
    for (const [pattern, what] of shownByGuide) report(pattern.test(shown), `guide in Kotlin: ${what}`)
  } catch (error) {
    report(false, `guide in Kotlin: ${messageOf(error)}`)
  }
}

stopOnSignals(1)
await installMissing()
await clean()
const server = await npmStart()
const proxy = await growingProxy(server)
try {
  const built = await Promise.all(possible(builds()).map(build))
  const usable = Object.keys(programs).filter((client) => built.filter((names) => names.includes(client)).length > 1)
  await useAll(usable, server.origin, proxy)
  if (usable.includes('kotlin-moshi')) await followGuide(server, proxy)
} finally {
  proxy.stop()
  await server.stop()
}
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`)
process.exit(totals.failed === 0 ? 0 : 1)
