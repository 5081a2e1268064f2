// `npm run test:crash`: 16 clients write to each other while the runtime is killed under them, again and again. Then
// everything that was acknowledged must be there, once. SEED repeats a run's choices.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stopOnSignals } from '../../../scripts/processes.mjs'
import { random } from '../../support/random.ts'
import { totals } from '../runtime/http.ts'
import { prepareRuntime, type Runtime } from '../runtime/runtime.ts'
import { signIn } from '../runtime/sign-in.ts'
import { findings, lookAtAll } from './checks.ts'
import { Client } from './client.ts'
import { killAgainAndAgain } from './kills.ts'

const users = 16
const rounds = 3
const deadlineMs = 115_000
const restWithinMs = 40_000
const restLookMs = 500
const examplesMax = 3

const seed = Number(process.env.SEED || Math.floor(Math.random() * 2 ** 31))
const draw = random(seed)
const folder = mkdtempSync(path.join(tmpdir(), 'crash-'))
const startedAt = performance.now()
const seconds = () => ((performance.now() - startedAt) / 1000).toFixed(1)

process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))

let onSent = () => {}

/** Resolves at the moment a send is acknowledged, most often before it could be delivered. */
const nextSent = () =>
  new Promise((resolve) => {
    onSent = resolve
  })

/** Looks until all holds, or it has been given time enough. Looking delivers nothing: alarms alone do. */
async function settle(clients) {
  for (const end = performance.now() + restWithinMs; ; await sleep(restLookMs)) {
    const found = findings(await lookAtAll(clients))
    if (performance.now() > end || found.every(({ wrong }) => wrong.length === 0)) return found
  }
}

const phoneNumbers = Array.from({ length: users }, (_, index) => `+120255501${String(index).padStart(2, '0')}`)

async function signAllIn(runtime) {
  await runtime.start()
  const signedIn = await Promise.all(phoneNumbers.map((phoneNumber) => signIn(runtime, phoneNumber)))
  await runtime.kill()
  return signedIn.map(
    (user, index) => new Client({ origin: runtime.origin, user, seed: seed + index + 1, onSent: () => onSent() }),
  )
}

/** Kills while all act, then heals: what was under way is brought to its end, and what waits is delivered. */
async function round(runtime, clients) {
  const running = Promise.all(clients.map((client) => client.run(clients)))
  await Promise.race([killAgainAndAgain(runtime, draw, nextSent), running])
  for (const client of clients) client.finish()
  console.log(`Killed after ${seconds()} s`)
  await runtime.start()
  await running
  console.log(`Answered after ${seconds()} s`)
  const found = await settle(clients)
  if (found.every(({ wrong }) => wrong.length === 0)) await Promise.all(clients.map((client) => client.repeatSome()))
  return findings(await lookAtAll(clients))
}

/** Without these a run proves nothing. */
const meaning = (clients) => ({
  name: 'kills met calls under way, and sends that were stored but not acknowledged',
  wrong: totals.retried > 0 && sum(clients, (client) => client.foundStored) > 0 ? [] : ['they did not'],
})

async function crashTest(runtime) {
  const clients = await signAllIn(runtime)
  for (const client of clients) client.socket.run()
  console.log(`Ready after ${seconds()} s`)
  for (let n = 1; ; n++) {
    const found = await round(runtime, clients)
    console.log(`At rest after ${seconds()} s, ${runtime.kills} kills`)
    if (n === rounds || found.some(({ wrong }) => wrong.length > 0))
      return { clients, found: [...found, meaning(clients)] }
    await runtime.kill()
  }
}

const isDelivered = ({ status }) => status === 'delivered' || status === 'read'

const sum = (clients, count) => clients.reduce((total, client) => total + count(client), 0)

function report(found) {
  for (const { name, wrong } of found) {
    console.log(`  ${wrong.length === 0 ? '✓' : '✗'} ${name}`)
    for (const example of wrong.slice(0, examplesMax)) console.log(`      ${example}`)
    if (wrong.length > examplesMax) console.log(`      and ${wrong.length - examplesMax} more`)
  }
}

function summarize(runtime, { clients, found }) {
  const acknowledged = sum(clients, (client) => client.acknowledged)
  const delivered = sum(clients, (client) => client.copy.state().messages.filter(isDelivered).length)
  const failed = found.filter(({ wrong }) => wrong.length > 0)
  console.log(
    [
      `Seed ${seed}: ${runtime.kills} kills`,
      `${acknowledged} messages acknowledged`,
      `${totals.retried} calls retried of ${totals.calls}`,
      `${sum(clients, (client) => client.foundStored)} retries found their message stored`,
      `${delivered} delivered`,
      `${seconds()} s`,
      failed.length === 0 ? 'ok' : `wrong: ${failed.map(({ name }) => name).join('; ')}`,
    ].join(', '),
  )
  return failed.length
}

const giveUp = (reason) => {
  console.error(`${reason} (seed ${seed})`)
  for (const answer of totals.unexpected.slice(0, examplesMax)) console.error(`  unexpected: ${answer}`)
  console.log('0 passed, 1 failed')
}

stopOnSignals(1)
setTimeout(() => {
  giveUp(`Not done after ${deadlineMs / 1000} s`)
  process.kill(process.pid, 'SIGTERM')
}, deadlineMs)

console.log(`Seed ${seed}`)
let runtime: Runtime | undefined
try {
  runtime = await prepareRuntime(folder)
  const result = await crashTest(runtime)
  report(result.found)
  const failed = summarize(runtime, result)
  console.log(`${result.found.length - failed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
} catch (error) {
  giveUp(error.stack)
  process.exitCode = 1
}
if (process.exitCode !== 0) for (const complaint of runtime?.complaints ?? []) console.error(complaint)
await runtime?.kill()
process.exit()
