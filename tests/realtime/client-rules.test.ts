// The rules of the client that apps copy (examples/typescript) that need no server.
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { Pace } from '../../examples/typescript/pace'
import { jitter, Pauses } from '../../examples/typescript/pauses'
import { errorOf, Refused, UnexpectedResponse } from '../../examples/typescript/problem'
import { guarded } from '../../examples/typescript/report'
import { retryAfterMs } from '../../examples/typescript/retry-after'
import type { Changes, Message } from '../../examples/typescript/schema'
import { keptIn, MemoryStore } from '../../examples/typescript/store'
import { TimeLimits } from '../../examples/typescript/time-limits'

const now = Date.parse('2026-03-01T12:00:00Z')
const hourMs = 3_600_000

describe('Retry-After', () => {
  const waits: [string, number][] = [
    ['0', 0],
    ['7', 7_000],
    [' 7 ', 7_000],
    ['Sun, 01 Mar 2026 12:00:30 GMT', 30_000],
    ['Sun, 01 Mar 2026 11:59:00 GMT', 0],
    ['Mon, 02 Mar 2026 12:00:00 GMT', hourMs],
    ['99999999999999', hourMs],
    ['soon', 0],
    ['', 0],
  ]
  for (const [value, ms] of waits)
    test(`of "${value}" is ${ms} ms`, () => {
      expect(retryAfterMs(new Headers({ 'Retry-After': value }), now)).toBe(ms)
    })

  test('is missing: no wait', () => {
    expect([retryAfterMs(new Headers(), now), retryAfterMs(undefined, now)]).toEqual([0, 0])
  })

  test('as a date is compared with the date of the response, not with the clock of the device', () => {
    const headers = new Headers({
      'Retry-After': 'Sun, 01 Mar 2026 05:00:20 GMT',
      Date: 'Sun, 01 Mar 2026 05:00:00 GMT',
    })
    expect(retryAfterMs(headers, now)).toBe(20_000)
  })
})

describe('a response that is not of the API', () => {
  const statuses: [number, boolean][] = [
    [200, true],
    [400, false],
    [401, false],
    [403, false],
    [408, true],
    [429, true],
    [502, true],
  ]
  for (const [status, passes] of statuses)
    test(`with status ${status} is ${passes ? 'worth a retry' : 'final'}`, () => {
      expect(errorOf('<h1>Sorry</h1>', { status })).toMatchObject({ status, passes })
    })

  test('can be JSON with a code of its own', () => {
    const error = errorOf({ code: 1020, message: 'Access denied' }, { status: 403 })
    expect(error).toBeInstanceOf(UnexpectedResponse)
    expect(error).toMatchObject({ problem: { code: 'unexpected_response', status: 403 } })
  })

  test('keeps its Retry-After, as a problem does', () => {
    const headers = new Headers({ 'Retry-After': '4' })
    expect(errorOf('', { status: 503, headers })).toMatchObject({ retryAfterMs: 4_000 })
    const error = errorOf({ code: 'service_unavailable', status: 503 }, { status: 503, headers })
    expect(error).toBeInstanceOf(Refused)
    expect(error).toMatchObject({ retryAfterMs: 4_000, passes: true })
  })
})

describe('the pace of frames', () => {
  const one = { frames: 1, bytes: 10 }

  function withClock() {
    vi.useFakeTimers()
    onTestFinished(() => {
      vi.useRealTimers()
    })
  }

  test('counts a frame from when it is sent until a window after its response', async () => {
    withClock()
    const pace = new Pace({ frames: 2, bytes: 1_000 }, 10_000)
    expect([pace.enter(one), pace.enter(one)]).toEqual([undefined, undefined])
    let isSent = false
    pace.enter(one)?.then(() => {
      isSent = true
    })
    await vi.advanceTimersByTimeAsync(30_000)
    expect(isSent).toBe(false)
    pace.leave(one)
    await vi.advanceTimersByTimeAsync(9_999)
    expect(isSent).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(isSent).toBe(true)
  })

  test('limits bytes as well, in order, and lets one that is larger than all go alone', async () => {
    withClock()
    const pace = new Pace({ frames: 100, bytes: 100 }, 10_000)
    const large = { frames: 1, bytes: 500 }
    expect(pace.enter(large)).toBeUndefined()
    const sent: string[] = []
    pace.enter(large)?.then(() => sent.push('large'))
    pace.enter(one)?.then(() => sent.push('small'))
    expect(pace.isFull(one)).toBe(true)
    pace.leave(large)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(sent).toEqual(['large'])
    pace.leave(large)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(sent).toEqual(['large', 'small'])
  })

  test('rejects what is in line when the connection ends', async () => {
    withClock()
    const pace = new Pace({ frames: 1, bytes: 100 }, 10_000)
    pace.enter(one)
    const turn = pace.enter(one)
    pace.close()
    await expect(turn).rejects.toThrow('ended')
  })
})

describe('time', () => {
  const never = () => new Promise<never>(() => {})

  test('limits a call that is never answered, and aborts it', async () => {
    const limits = new TimeLimits()
    let aborted: AbortSignal | undefined
    const call = limits.run(20, (signal) => {
      aborted = signal
      return never()
    })
    await expect(call).rejects.toThrow('in time')
    expect(aborted?.aborted).toBe(true)
  })

  test('that is left to a call can only become less', async () => {
    const limits = new TimeLimits()
    const [long, short] = [limits.run(60_000, never), limits.run(20, never)]
    limits.shorten(60)
    const startedAt = performance.now()
    await expect(short).rejects.toThrow('in time')
    expect(performance.now() - startedAt).toBeLessThan(50)
    await expect(long).rejects.toThrow('in time')
    const last = limits.run(60_000, never)
    limits.cancel()
    await expect(last).rejects.toThrow('canceled')
  })

  test('of pauses ends at once when they are skipped', async () => {
    const pauses = new Pauses()
    const waiting = [pauses.wait(60_000), pauses.wait(60_000)]
    pauses.skip()
    await Promise.all(waiting)
  })

  test('between attempts doubles up to its bound', () => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(1)
    onTestFinished(() => random.mockRestore())
    expect([0, 1, 2, 5, 500].map((attempt) => jitter(attempt))).toEqual([1_000, 2_000, 4_000, 30_000, 30_000])
  })
})

test('what a callback throws, or rejects with, is reported; what its report throws is not thrown either', async () => {
  const reported: unknown[] = []
  const fault = new Error('fault')
  guarded(
    () => {
      throw fault
    },
    (error) => reported.push(error),
  )()
  guarded(
    () => Promise.reject(fault),
    (error) => reported.push(error),
  )()
  await expect.poll(() => reported).toEqual([fault, fault])
  const logged = vi.spyOn(console, 'error').mockImplementation(() => {})
  onTestFinished(() => logged.mockRestore())
  guarded(
    () => {
      throw fault
    },
    () => {
      throw fault
    },
  )()
  expect(logged).toHaveBeenCalledOnce()
})

describe('the store in memory', () => {
  const kept = () => {
    const items = new Map<string, string>()
    return {
      items,
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => {
        items.set(key, value)
      },
    }
  }
  const pending = (clientMessageId: string) => ({ chatId: 'usr_1', message: { clientMessageId, text: 'hello' } })

  test('keeps the outbox, in order, across restarts', async () => {
    const storage = kept()
    const store = new MemoryStore(undefined, keptIn(storage, 'outbox'))
    for (const id of ['one', 'two', 'three']) await store.put(pending(id))
    await store.discard('two')
    const again = new MemoryStore(undefined, keptIn(storage, 'outbox'))
    expect(await again.pending()).toEqual([pending('one'), pending('three')])
  })

  test('has changed nothing when its keeper fails', async () => {
    const storage = kept()
    const store = new MemoryStore(undefined, keptIn(storage, 'outbox'))
    await store.put(pending('one'))
    storage.setItem = () => {
      throw new Error('QuotaExceededError')
    }
    await expect(store.put(pending('two'))).rejects.toThrow('Quota')
    const message = { id: 'msg_1', chatId: 'usr_1', clientMessageId: 'one' } as Message
    const page = { messages: [message], left: [] as string[], cursor: '1' } as Changes
    await expect(store.apply(page)).rejects.toThrow('Quota')
    expect([await store.pending(), await store.cursor(), store.state.messages.size]).toEqual([
      [pending('one')],
      undefined,
      0,
    ])
  })
})
