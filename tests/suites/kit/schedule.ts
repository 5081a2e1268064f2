// What happens to two devices, and to the group of their users, in about a second, drawn from a seed.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Random, random } from '../../support/random.ts'
import type { Device } from './device.ts'
import type { SharedGroup } from './shared-group.ts'
import { type Weather, weathers } from './weather.ts'

const lastsMs = 1_200

/** What an app, its user or its page does. */
const acts = {
  send: 14,
  read: 4,
  wake: 4,
  /** As React's strict mode does: stop, and run again at once. */
  rerun: 3,
  stopForAWhile: 1,
  reload: 2,
  breakStore: 5,
  repairStore: 3,
}

/** Where the user writes and reads. */
const places = { peer: 4, self: 2, group: 6 }

/** What happens to the group, over a network without faults. */
const events = {
  rename: 3,
  react: 3,
  /** The other one is removed, and added again. */
  comeAndGo: 1,
}

interface Step {
  atMs: number
  device: 0 | 1
  what: { weather: Weather } | { act: keyof typeof acts; place: keyof typeof places } | { event: keyof typeof events }
}

export function scheduleOf(seed: number): Step[] {
  const draw: Random = random(seed)
  const steps: Step[] = []
  for (const device of [0, 1] as const) {
    for (let n = draw.between(2, 5); n > 0; n--)
      steps.push({ atMs: draw.below(lastsMs), device, what: { weather: draw.weighted(weathers) } })
    for (let n = draw.between(6, 18); n > 0; n--)
      steps.push({
        atMs: draw.below(lastsMs),
        device,
        what: { act: draw.weighted(acts), place: draw.weighted(places) },
      })
  }
  for (let n = draw.below(4); n > 0; n--)
    steps.push({ atMs: draw.below(lastsMs), device: 0, what: { event: draw.weighted(events) } })
  return steps.sort((one, other) => one.atMs - other.atMs)
}

const wordsFor = (what: Step['what']) => {
  if ('weather' in what) return what.weather
  return 'event' in what ? what.event : `${what.act} ${what.place}`
}

export const describe = (steps: Step[]) =>
  steps.map(({ atMs, device, what }) => `${atMs}:${'ab'[device]}:${wordsFor(what)}`).join(', ')

/** Plays the steps; in the end the networks are clear, the stores work, and both devices run. */
export async function play(steps: Step[], devices: [Device, Device], group: SharedGroup) {
  const happening: Promise<unknown>[] = []
  const startedAt = performance.now()
  for (const { atMs, device, what } of steps) {
    await sleep(Math.max(0, startedAt + atMs - performance.now()))
    const [actor, peer] = device === 0 ? devices : devices.toReversed()
    if (!actor || !peer) throw new Error('There are two devices')
    if ('weather' in what) actor.network.change(what.weather)
    else if ('event' in what) happening.push(group[what.event]())
    else await act(actor, what.act, { peer: peer.userId, self: actor.userId, group: group.id }[what.place])
  }
  await Promise.all(happening)
  for (const device of devices) {
    device.network.change('clear')
    device.isStoreBroken = false
    device.run()
  }
}

async function act(device: Device, what: keyof typeof acts, chatId: string) {
  if (what === 'send') await device.send(chatId, `${device.queued.get(chatId)?.length ?? 0}`)
  else if (what === 'read') device.read(chatId)
  else if (what === 'wake') device.wake()
  else if (what === 'stopForAWhile') device.stop()
  else if (what === 'reload') device.reload()
  else if (what === 'rerun') {
    device.stop()
    device.run()
  } else device.isStoreBroken = what === 'breakStore'
}
