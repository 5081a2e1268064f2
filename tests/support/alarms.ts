import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { expect, vi } from 'vitest'
import { stubOf } from './delivery-faults'

const dayMs = 24 * 60 * 60_000

/**
 * Moves the clock a day ahead of the platform's, where no alarm rings by itself, and stops it. Call the result to go
 * back.
 */
export function silenceAlarms(): () => void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + dayMs })
  return () => {
    vi.useRealTimers()
  }
}

/** When the alarm of a mailbox rings (epoch milliseconds), or null. */
export const alarmOf = (userId: string) => runInDurableObject(stubOf(userId), (_, { storage }) => storage.getAlarm())

/** Milliseconds until the alarm of a mailbox rings; infinite when none is set. */
export const alarmIn = async (userId: string) => ((await alarmOf(userId)) ?? Number.POSITIVE_INFINITY) - Date.now()

/** Keeps the alarm of a mailbox from ringing by itself: until something sets it again, none is set. */
export const cancelAlarm = (userId: string) =>
  runInDurableObject(stubOf(userId), (_, { storage }) => storage.deleteAlarm())

/** Wakes a mailbox with nothing left to do, and so without an alarm. */
export const wakeAtRest = (userId: string) =>
  expect
    .poll(async () => {
      await runInDurableObject(stubOf(userId), (_, { storage }) => storage.deleteAlarm())
      await evictDurableObject(stubOf(userId))
      return alarmOf(userId)
    })
    .toBeNull()
