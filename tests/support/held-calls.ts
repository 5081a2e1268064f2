import { expect } from 'vitest'
import { interceptCalls, type MailboxCall } from './delivery-faults'

/** Calls between objects that a test holds up, or loses. Call the second result to go back. */

const stepMs = 5

/** Holds the answers of some calls back, once they were carried out, until they are released. */
export function holdAnswers(isHeld: (call: MailboxCall) => boolean) {
  return hold(isHeld, async (call, untilReleased) => {
    const answer = await call.make()
    await untilReleased()
    return answer
  })
}

/** Holds some calls up before they are carried out, until they are released. */
export function holdCalls(isHeld: (call: MailboxCall) => boolean) {
  return hold(isHeld, async (call, untilReleased) => {
    await untilReleased()
    return call.make()
  })
}

function hold(
  isHeld: (call: MailboxCall) => boolean,
  carryOut: (call: MailboxCall, untilReleased: () => Promise<void>) => Promise<unknown>,
) {
  const state = { count: 0, isHolding: true }
  // Each caller waits in its own context, which is the only one that may resolve what it awaits.
  const untilReleased = async () => {
    state.count++
    while (state.isHolding) await new Promise((resolve) => setTimeout(resolve, stepMs))
  }
  const stop = interceptCalls((call) => (state.isHolding && isHeld(call) ? carryOut(call, untilReleased) : call.make()))
  return {
    stop,
    untilHeld: (count = 1) => expect.poll(() => state.count).toBeGreaterThanOrEqual(count),
    release: async () => {
      state.isHolding = false
      await new Promise((resolve) => setTimeout(resolve, 4 * stepMs))
    },
  }
}

/** Loses some calls for as long as it is not told to stop. Counts those lost. */
export function loseCalls(isLost: (call: MailboxCall) => boolean) {
  const state = { isLosing: true, count: 0 }
  const stop = interceptCalls(async (call) => {
    if (!state.isLosing || !isLost(call)) return call.make()
    state.count++
    throw new Error('The call was lost')
  })
  return {
    stop,
    count: () => state.count,
    end: () => {
      state.isLosing = false
    },
  }
}
