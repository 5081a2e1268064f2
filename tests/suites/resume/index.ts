// `npm run test:resume`: two devices of a user come back after 10,000 changes, one over REST and one over the WebSocket,
// while messages go on being edited. Both must end in exactly the server's state, and the worker's memory must not know
// how much there was to catch up on. SEED repeats a run's choices.
import { mkdtempSync, rmSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stopOnSignals } from '../../../scripts/processes.mjs'
import { roomyFolder } from '../../../scripts/roomy-folder.mjs'
import { random } from '../../support/random.ts'
import { Copy } from '../runtime/copy.ts'
import { prepareRuntime, type Runtime } from '../runtime/runtime.ts'
import { changeTheRest, writeMessages } from './absence.ts'
import { findings, lookAtAll, pageBytesMax, pageRowsMax, stateFindings, unless } from './checks.ts'
import { openDeafSocket } from './deaf.ts'
import { Edits, editsPerSecond } from './edits.ts'
import { limits } from './limits.ts'
import { Memory } from './memory.ts'
import { resumeOverRest } from './over-rest.ts'
import { LiveSocket } from './over-socket.ts'
import { signPeopleIn } from './people.ts'

const before = { messages: 200, notes: 20 }
const shortAbsence = { messages: 300, notes: 720 }
const longAbsence = { messages: 3_000, notes: 7_200 }
/** Changes that are made while a client stores one page. */
const editsPerPage = 2
const editsWhileHeld = 200
const deafSockets = 12
/** What a resume may hold in memory above a resume of a tenth: some pages in hand, and the noise of the heap. */
const heapMarginMegabytes = 12
/** What clients that read nothing may cost the process: some pages each, where all that waits would be far more. */
const rssMarginMegabytes = 80
const heapMegabytesMax = limits.heapBytes / 2 ** 20 / 2
const deadlineMs = 420_000
const restWithinMs = 60_000
const restLookMs = 500
const examplesMax = 3

const seed = Number(process.env.SEED || Math.floor(Math.random() * 2 ** 31))
const draw = random(seed)
const startedAt = performance.now()
const log = (text) => console.log(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${text}`)

const folder = mkdtempSync(path.join(roomyFolder(2 ** 31), 'resume-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))

const megabytes = (count) => `${count.toFixed(1)} MB`

/** Two devices that went away at the same place. */
async function firstCopies(ana) {
  const [overRest, overSocket] = [new Copy(), new Copy()]
  for (let hasMore = true; hasMore; ) {
    const { changes } = await ana.changes(overRest.cursor)
    for (const copy of [overRest, overSocket]) copy.apply(changes)
    hasMore = changes.hasMore
  }
  return { overRest, overSocket }
}

/** One device after the other comes back, while edits go on. Answers with what came and what it took. */
async function comeBack(run, edits) {
  const store = () => edits.more(editsPerPage)
  const rest = await watched(run, edits, () => resumeOverRest(run.people.ana, run.overRest, store))
  const socket = new LiveSocket(run.people.ana, run.overSocket, store)
  const overSocket = await watched(run, edits, async () => {
    await socket.open()
    await socket.untilCaughtUp()
    return socket.trail
  })
  return { rest, overSocket, socket }
}

/** Memory and edits while somebody comes back. */
async function watched({ memory }, edits, resume) {
  const editsBefore = edits.count
  const { result: trail, ...peaks } = await memory.during(resume)
  const edited = edits.count - editsBefore
  log(
    `${trail.rows} rows in ${trail.pages} pages, ${megabytes(trail.bytes / 2 ** 20)}, the largest ${trail.bytesMax} bytes; ${edited} edits meanwhile; ` +
      `heap ${megabytes(peaks.live)} in use, ${megabytes(peaks.heap)} with garbage, process ${megabytes(peaks.rss)}, ${peaks.looks} looks`,
  )
  // A socket's trail goes on once it is live.
  return { trail, edited, pages: trail.pages, ...peaks }
}

/** Clients that do not keep up: one reads but does not say so, others do not even read. */
async function hold({ memory, people, overSocket }, edits) {
  const rssBefore = memory.rss()
  const copy = Object.assign(new Copy(), { cursor: overSocket.cursor })
  const { promise: isReleased, resolve: release } = Promise.withResolvers()
  const slow = new LiveSocket(people.ana, copy, () => isReleased)
  const sockets = []
  const { result: ahead, ...peaks } = await memory.during(async () => {
    await slow.open()
    for (let n = 0; n < deafSockets; n++) sockets.push(await openDeafSocket(people.ana, overSocket.cursor))
    await edits.more(editsWhileHeld)
    return slow.trail.pages
  })
  for (const socket of sockets) socket.destroy()
  slow.close()
  release()
  const grown = peaks.rss - rssBefore
  log(
    `${deafSockets + 1} clients do not keep up with ${editsWhileHeld} edits: heap ${megabytes(peaks.live)} in use, ${megabytes(peaks.heap)} with garbage, process ${megabytes(grown)} more, ${ahead} frames ahead`,
  )
  return { ahead, grown, ...peaks }
}

async function absence(run, count) {
  await writeMessages(run.people, count)
  log(
    `Away for ${count.messages} messages and ${count.notes} notes, texts of up to ${limits.textCharactersMax} characters`,
  )
}

const authors = ({ chatting, noting }) => [...chatting, ...noting]

async function shortRun(run) {
  await absence(run, shortAbsence)
  const edits = new Edits(authors(run.people))
  edits.start()
  const back = await comeBack(run, edits)
  back.socket.close()
  await edits.stop()
  return back
}

async function longRun(run) {
  await Promise.all([absence(run, longAbsence), changeTheRest(run.people, draw)])
  const edits = new Edits(authors(run.people))
  edits.start()
  const held = await hold(run, edits)
  const back = await comeBack(run, edits)
  // Live, now.
  await edits.more(editsWhileHeld)
  const rate = await edits.stop()
  log(`${edits.count} edits at ${rate.toFixed(0)} a second, where ${editsPerSecond} were asked for`)
  return { ...back, held }
}

/** Looks until all holds, or it has been given time enough. */
async function settle(run, socket) {
  for (const end = performance.now() + restWithinMs; ; await sleep(restLookMs)) {
    await resumeOverRest(run.people.ana, run.overRest, () => {})
    await socket.untilCaughtUp()
    const found = stateFindings(await lookAtAll(run.people), run)
    if (performance.now() > end || found.every(({ wrong }) => wrong.length === 0)) return found
  }
}

function passageFindings(short, long) {
  const trails = [short.rest, short.overSocket, long.rest, long.overSocket].map(({ trail }) => trail)
  const sockets = [short.socket, long.socket]
  const resumes = [long.rest, long.overSocket]
  return findings({
    '10,000 changes and more came back, with edits under way all the time': resumes.flatMap(
      ({ trail, edited, pages }) =>
        unless(trail.rows >= 10_000 && edited >= pages, `${trail.rows} rows, ${edited} edits in ${pages} pages`),
    ),
    'every page leads on, from where the device was': trails.flatMap(({ stuck }) => stuck),
    'nothing came twice without a change': trails.flatMap(({ repeated }) => repeated),
    [`no page and no frame has more than ${pageRowsMax} rows or ${pageBytesMax} bytes`]: trails.flatMap((trail) =>
      unless(
        trail.bytesMax <= pageBytesMax && trail.rowsMax <= pageRowsMax,
        `${trail.bytesMax} bytes, ${trail.rowsMax} rows`,
      ),
    ),
    [`never more than ${limits.framesAhead} frames ahead of the client`]: [
      ...sockets.flatMap(({ aheadMax }) => unless(aheadMax <= limits.framesAhead, `${aheadMax} frames`)),
      ...unless(long.held.ahead === limits.framesAhead, `${long.held.ahead} frames while it said nothing`),
    ],
    'the socket says once that all was caught up on, and stays open': [
      ...sockets.flatMap(({ caughtUp }) => unless(caughtUp.length === 1, `${caughtUp.length} times`)),
      ...unless(long.socket.closedWith === null, `closed with ${long.socket.closedWith}`),
    ],
  })
}

function memoryFindings(short, long) {
  const ratio = long.rest.trail.bytes / short.rest.trail.bytes
  const heaps = [short.rest, short.overSocket, long.rest, long.overSocket, long.held]
  const more = (kind) => long[kind].live - short[kind].live
  return findings({
    [`the worker’s heap stays under ${heapMegabytesMax} MB, garbage included; the platform gives 128`]: heaps.flatMap(
      ({ heap, looks }) => unless(heap < heapMegabytesMax && looks > 0, `${megabytes(heap)}, ${looks} looks`),
    ),
    [`ten times the changes take no more heap (within ${heapMarginMegabytes} MB)`]: [
      ...unless(ratio > 5, `the long absence was only ${ratio.toFixed(1)} times the short one`),
      ...unless(long.rest.trail.bytes > 2 * heapMarginMegabytes * 2 ** 20, `only ${long.rest.trail.bytes} bytes came`),
      ...['rest', 'overSocket'].flatMap((kind) =>
        unless(more(kind) < heapMarginMegabytes, `${kind}: ${megabytes(more(kind))}`),
      ),
    ],
    [`clients that do not keep up cost neither heap (within ${heapMarginMegabytes} MB) nor process (${rssMarginMegabytes} MB)`]:
      [
        ...unless(long.held.live - short.rest.live < heapMarginMegabytes, megabytes(long.held.live - short.rest.live)),
        ...unless(long.held.grown < rssMarginMegabytes, megabytes(long.held.grown)),
      ],
  })
}

async function resumeTest(runtime) {
  await runtime.start()
  const people = await signPeopleIn(runtime, seed)
  for (const author of [...people.chatting, ...people.noting]) await author.send()
  await writeMessages(people, before)
  const run = { people, memory: await Memory.watch(runtime), ...(await firstCopies(people.ana)) }
  log('Two devices hold a full copy')
  const short = await shortRun(run)
  const long = await longRun(run)
  const states = await settle(run, long.socket)
  log(`At rest; sends were held back ${people.ana.held + people.ben.held} times`)
  return [...states, ...passageFindings(short, long), ...memoryFindings(short, long)]
}

function report(found) {
  for (const { name, wrong } of found) {
    console.log(`  ${wrong.length === 0 ? '✓' : '✗'} ${name}`)
    for (const example of wrong.slice(0, examplesMax)) console.log(`      ${example}`)
    if (wrong.length > examplesMax) console.log(`      and ${wrong.length - examplesMax} more`)
  }
  const failed = found.filter(({ wrong }) => wrong.length > 0).length
  console.log(`${found.length - failed} passed, ${failed} failed`)
  return failed
}

const giveUp = (reason) => {
  console.error(`${reason} (seed ${seed})`)
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
  runtime = await prepareRuntime(folder, { inspect: true, v8Flags: [`--max-heap-size=${limits.heapBytes / 2 ** 20}`] })
  process.exitCode = report(await resumeTest(runtime)) === 0 ? 0 : 1
} catch (error) {
  giveUp(error.stack)
  process.exitCode = 1
}
if (process.exitCode !== 0) for (const complaint of runtime?.complaints ?? []) console.error(complaint)
await runtime?.kill()
process.exit()
