// `npm run test:kit`: pairs of devices chat with the packed client kit, with each other and in a group, while their networks
// stall, go silent, spoil responses, break and reorder, drawn from seeds. Afterwards, both must be live, have one
// connection, and hold what the server holds. Runs 200 schedules, or KIT_SCHEDULES, several at a time; schedule n has the
// seed SEED + n, so `SEED=<seed> KIT_SCHEDULES=1` repeats one.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Runtime } from '../runtime/runtime.ts'
import { type Finding, runSuite, secondsSinceStart, seed } from '../runtime/suite.ts'
import { backlogFaults } from './backlog.ts'
import { closeFaults, faultsOf, untilLive } from './checks.ts'
import { type Device, shortTiming } from './device.ts'
import { installKit, type Kit } from './package.ts'
import { openPair } from './pair.ts'
import { describe, play, scheduleOf } from './schedule.ts'

const schedules = Number(process.env['KIT_SCHEDULES'] || 200)
const atOnce = 12
/** Only catches hangs: a schedule begins no later. */
const schedulesMsMax = Math.max(600_000, schedules * 3_000)
const deadlineMs = schedulesMsMax + 120_000

/** Of all schedules. */
const totals = { devices: 0, connections: 0, messages: 0, storeFaults: 0 }

const uncaught: string[] = []
for (const event of ['unhandledRejection', 'uncaughtException'] as const)
  process.on(event, (error) => uncaught.push(error instanceof Error ? `${error.stack}` : String(error)))

function finish(device: Device) {
  totals.devices++
  totals.connections += device.network.requests.filter((request) => request === 'WebSocket').length
  totals.messages += [...device.queued.values()].flat().length
  totals.storeFaults += device.storeFaults
  device.close()
}

async function runSchedule(kit: Kit, runtime: Runtime, scheduleSeed: number): Promise<string[]> {
  const steps = scheduleOf(scheduleSeed)
  const { pair, group } = await openPair({ kit, runtime, seed: scheduleSeed, timing: shortTiming })
  const devices = pair.map(({ device }) => device)
  try {
    for (const device of devices) device.run()
    // One in four starts in bad weather.
    if (scheduleSeed % 4 > 0) await Promise.all(devices.map((device) => untilLive(device)))
    await play(steps, [pair[0].device, pair[1].device], group)
    const faults = (await Promise.all(pair.map((viewed) => faultsOf(viewed)))).flat()
    const survivors = (await Promise.all(devices.map(closeFaults))).flat()
    return [...faults, ...survivors].map((fault) => `seed ${scheduleSeed}: ${fault}\n        ${describe(steps)}`)
  } finally {
    for (const device of devices) finish(device)
  }
}

async function runSchedules(kit: Kit, runtime: Runtime): Promise<Finding> {
  const wrong: string[] = []
  const end = performance.now() + schedulesMsMax
  let [next, done] = [0, 0]
  const worker = async () => {
    while (next < schedules && performance.now() < end) {
      wrong.push(...(await runSchedule(kit, runtime, seed + next++)))
      done++
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  if (done !== schedules) wrong.push(`${done} of ${schedules} schedules were run in ${schedulesMsMax / 1000} s`)
  const name = `${done} schedules: one connection, nothing lost or doubled, in order, and live within 10 s`
  return { name, wrong }
}

const isEventful = ({ devices, connections, messages, storeFaults }: typeof totals) =>
  2 * connections > 3 * devices && messages > devices && 4 * storeFaults > devices

/** Without these, a run proves nothing. */
const coverage = (): Finding => ({
  name: 'the networks broke connections, stores failed, and there were messages to lose',
  wrong: isEventful(totals) ? [] : [JSON.stringify(totals)],
})

async function kitTest(runtime: Runtime): Promise<Finding[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'kit-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const [kit] = await Promise.all([installKit(folder), runtime.start()])
  console.log(`Packed, installed and started after ${secondsSinceStart()} s`)
  const [schedules, backlog] = await Promise.all([runSchedules(kit, runtime), backlogFaults(kit, runtime)])
  console.log(
    `${totals.connections} connections, ${totals.messages} messages, ${totals.storeFaults} pages not stored, ${secondsSinceStart()} s`,
  )
  return [
    { name: 'the packed kit is installed, compiled against and imported', wrong: [] },
    schedules,
    { name: 'an outbox of 120 messages goes over one socket, which stays open', wrong: backlog },
    coverage(),
    { name: 'nothing is thrown that nobody catches', wrong: uncaught },
  ]
}

await runSuite({ parent: tmpdir(), deadlineMs, work: kitTest })
