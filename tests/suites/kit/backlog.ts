// An outbox that is longer than the server's limit of frames.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Runtime } from '../runtime/runtime.ts'
import { seed } from '../runtime/suite.ts'
import { faultsOf, untilLive } from './checks.ts'
import type { Kit } from './package.ts'
import { openPair } from './pair.ts'

const messages = 120
/** Of ten seconds for each 90 messages, and for a busy machine. */
const sentWithinMs = 60_000

export async function backlogFaults(kit: Kit, runtime: Runtime): Promise<string[]> {
  const { pair } = await openPair({ kit, runtime, seed, timing: {} })
  const [{ device: ana }, { device: ben }] = pair
  const { requests } = ana.network
  for (const { device } of pair) device.run()
  // The first message goes over HTTP: the chat begins with it.
  await untilLive(ana)
  await ana.send(ben.userId, '0')
  while (ana.store.outbox.size > 0) await sleep(20)
  const before = requests.length
  for (let n = 1; n <= messages; n++) await ana.send(ben.userId, `${n}`)
  // Sends wait for each other; these do not.
  const unanswered = await ana.ask(messages)
  const faults = (await Promise.all(pair.map((viewed) => faultsOf(viewed, sentWithinMs)))).flat()
  const isFurther = (request: string) => request === 'WebSocket' || /^POST .*\/messages$/.test(request)
  const further = requests.slice(before).filter(isFurther)
  for (const { device } of pair) device.close()
  if (unanswered > 0) faults.push(`${unanswered} of ${messages} requests were not answered`)
  return [...faults, ...(further.length > 0 ? [`besides the socket: ${further.join()}`] : [])]
}
