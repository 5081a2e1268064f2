import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../../support/random.ts'
import type { Runtime } from '../runtime/runtime.ts'

const sentWithinMs = 2_000
/** Longer than any alarm is set ahead, so that all alarms are due when the runtime restarts and is killed at once. */
const overdueMs = 6_000

/**
 * How each run of the process ends within a round. The first send after a start is acknowledged while the recipient's
 * mailbox is still waking up, so the last runs leave sends that only an alarm can deliver.
 */
const runs = [
  ...(['later', 'early', 'whenSent', 'beforeListening'] as const),
  ...(['later', 'whenFirstSentForLong', 'early', 'whenSent'] as const),
  ...(['later', 'whenFirstSent', 'whenFirstSent', 'whenFirstSent'] as const),
]

/** Repeatedly starts and kills the runtime; ends with a kill. `nextSent` resolves when a send is acknowledged. */
export async function killAgainAndAgain(runtime: Runtime, draw: Random, nextSent: () => Promise<void>) {
  const whenFirstSent = () => Promise.race([nextSent(), sleep(sentWithinMs)])
  const endings = {
    later: () => sleep(draw.between(200, 2_500)),
    early: () => sleep(draw.below(150)),
    beforeListening: () => sleep(draw.below(250)),
    whenSent: () => sleep(draw.between(300, 1_800)).then(whenFirstSent),
    whenFirstSent,
    whenFirstSentForLong: whenFirstSent,
  }
  for (const run of runs) {
    const started = runtime.start()
    if (run !== 'beforeListening') await started
    await endings[run]()
    await runtime.kill()
    await started
    if (run === 'whenFirstSentForLong') await sleep(overdueMs)
  }
}
