import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../../support/random.ts'
import type { Runtime } from '../runtime/runtime.ts'

const sentWithinMs = 2_000
/** Longer than alarms are set ahead: all of them ring when the runtime comes back, and it is killed at once. */
const overdueMs = 6_000

/**
 * The lives between two rests. The first send of a life is acknowledged while its recipient's mailbox still wakes: the
 * last lives leave sends that nothing but an alarm will deliver.
 */
const lives = [
  ...(['later', 'early', 'whenSent', 'beforeListening'] as const),
  ...(['later', 'whenFirstSentForLong', 'early', 'whenSent'] as const),
  ...(['later', 'whenFirstSent', 'whenFirstSent', 'whenFirstSent'] as const),
]

/** Kills the runtime and starts it anew; ends with a kill. `nextSent` resolves when a send is acknowledged. */
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
  for (const life of lives) {
    const started = runtime.start()
    if (life !== 'beforeListening') await started
    await endings[life]()
    await runtime.kill()
    await started
    if (life === 'whenFirstSentForLong') await sleep(overdueMs)
  }
}
