// Hundreds of frames generated from the document, each on a connection of its own.
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Changes } from '../../schemas/changes'
import type { ServerFrame } from '../../schemas/realtime'
import { ok } from '../support/call'
import { delivered } from '../support/chat-calls'
import { documentedOperations } from '../support/check-response'
import { sized } from '../support/run-size'
import { connectLive } from '../support/socket'
import type { TestUser } from '../support/users'
import { checkAnswer, clientFrames, framesFor, type Sent } from './frames'
import { newWorld } from './world'

const setting = (name: string): string | undefined => import.meta.env[`VITE_FUZZ_${name}`]

const runs = Number(setting('RUNS') ?? sized(16, 100))
const seed = Number(setting('SEED') ?? 20_261_126)
const path = setting('PATH')

beforeAll(() => {
  // Refused frames log, and a failing check reports everything that they would say.
  for (const level of ['info', 'warn', 'error'] as const) console[level] = () => undefined
})

const everything = async (as: TestUser) => {
  let cursor: string | undefined
  for (;;) {
    const changes: Changes = await ok('listChanges', { query: { cursor, limit: 200 } }, { as })
    cursor = changes.cursor
    if (!changes.hasMore) return changes.cursor
  }
}

/** What the operation that is like the frame needs. */
const worldOf = (name: string) => {
  const like = name === 'GetGroupChangesFrame' ? 'getGroup' : 'sendMessage'
  const operation = documentedOperations.find(({ operationId }) => operationId === like)
  if (!operation) throw new Error(`There is no ${like}`)
  return newWorld(operation)
}

/** What comes back: at once, but for frames about groups, which are asked first. */
async function answered(socket: Awaited<ReturnType<typeof connectLive>>, { data }: Sent) {
  const frames = await socket.untilNow()
  const isAnswered = frames.some(({ type }) => type === 'ack' || type === 'error')
  if (isAnswered || !String(data).includes('grp_')) return frames
  await scheduler.wait(50)
  return [...frames, ...(await socket.untilNow())]
}

test.each(clientFrames)(
  `a frame gets one answer, and a rejected frame changes nothing: %s (seed ${seed})`,
  async (name) => {
    const world = await worldOf(name)
    const { caller, pools } = world
    const acknowledged = { count: 0 }
    const property = fc.asyncProperty(
      framesFor(name, world, pools['usr_']?.[0] ?? '', await everything(caller)),
      async (sent) => {
        const before = await everything(caller)
        const socket = await connectLive(caller, { cursor: before })
        socket.sendRaw(sent.data)
        const frames = await answered(socket, sent)
        socket.close()
        checkAnswer(sent, frames)
        if (frames.some(({ type }) => type === 'ack')) {
          acknowledged.count++
          // What was sent must not become a change while the next frame is looked at.
          await delivered(caller)
        } else expect(await everything(caller), 'a rejected frame changes nothing').toBe(before)
      },
    )
    const details = await fc.check(property, { seed, numRuns: runs, ...(path !== undefined && { path }) })
    if (details.failed) {
      const again = `VITE_FUZZ_SEED=${details.seed} VITE_FUZZ_PATH=${details.counterexamplePath}`
      expect.fail(`${JSON.stringify(details.counterexample)}\n${details.errorInstance}\nagain: ${again}`)
    }
    if (name !== 'ReceivedFrame' && path === undefined) expect(acknowledged.count).toBeGreaterThan(0)
  },
)

describe('the check finds', () => {
  const typing = { type: 'typing', id: 'a', chatId: 'usr_01KAT5M8E1T3P5Y7W9D2C4V6BN' }
  const valid: Sent = { kind: 'valid', data: JSON.stringify(typing) }
  const invalid: Sent = { kind: 'invalid', data: JSON.stringify({ ...typing, chatId: 'nope' }) }
  const ack = (id: string): ServerFrame => ({ type: 'ack', id })
  const fault = { type: 'urn', title: 'x', status: 500, detail: 'x', code: 'internal_error', requestId: 'x' } as const

  test.each<[string, Sent, ServerFrame[]]>([
    ['no answer', valid, []],
    ['two answers', valid, [ack('a'), ack('a')]],
    ['an answer to another frame', valid, [ack('b')]],
    ['an invalid frame that is carried out', invalid, [ack('a')]],
    ['a server error', invalid, [{ type: 'error', id: 'a', problem: fault }]],
    ['an answer to `received`', { kind: 'valid', data: '{"type":"received","cursor":"x"}' }, [ack('a')]],
  ])('%s', (_, sent, frames) => {
    expect(() => checkAnswer(sent, frames)).toThrow()
  })
})
