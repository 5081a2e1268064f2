// Frames to the WebSocket, generated from the document alone: valid ones, surely invalid ones and what is not a frame.
import fc from 'fast-check'
import { expect } from 'vitest'
import { FrameId, type ServerFrame } from '../../schemas/realtime'
import { limits } from '../../src/core/limits'
import { document } from '../support/check-response'
import { breakagesOf } from './breakages'
import { oddJson } from './hostile'
import { valuesOf } from './values'
import type { World } from './world'

export interface Sent {
  kind: 'valid' | 'invalid' | 'hostile'
  data: string | ArrayBuffer
}

/** The schemas of what a client may send, by their names in the document. */
export const clientFrames = (document.components.schemas['ClientFrame']?.oneOf ?? []).map(({ $ref = '' }) =>
  $ref.slice('#/components/schemas/'.length),
)

const schemaOf = (name: string) => {
  const schema = document.components.schemas[name]
  if (!schema) throw new Error(`The document has no ${name}`)
  return schema
}

const hostile = fc.oneof(
  fc.constantFrom(...oddJson, '', ' ', 'PING', 'pong', 'x'.repeat(limits.jsonBodyBytesMax + 1)),
  fc.json(),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Uint8Array.from(bytes).buffer),
)

/** Ids that consist of digits are the test client's own. */
const isOwn = (frame: unknown) => !/^\d+$/.test(String(Reflect.get(Object(frame), 'id')))

export function framesFor(name: string, { pools, caller }: World, peer: string, cursor: string): fc.Arbitrary<Sent> {
  const ofGroup = name === 'GetGroupChangesFrame'
  const known = {
    ...pools,
    cursor: ofGroup ? [] : [cursor],
    chatId: ofGroup ? (pools['grp_'] ?? []) : [peer, caller.id],
  }
  const madeUp = valuesOf(schemaOf(name), known, name).filter(isOwn)
  // What people send, which made-up texts seldom are: those must show something.
  const usual = { type: 'sendMessage', id: 'usual', chatId: peer, clientMessageId: 'fuzz', text: 'hello' }
  const asked = { type: 'getGroupChanges', id: 'usual', chatId: pools['grp_']?.[0] ?? '' }
  const examples: Record<string, object> = { SendMessageFrame: usual, GetGroupChangesFrame: asked }
  const example = examples[name]
  const valid = example ? fc.oneof({ weight: 9, arbitrary: madeUp }, fc.constant(example)) : madeUp
  const text = (kind: Sent['kind']) => (frame: unknown) => ({ kind, data: JSON.stringify(frame) })
  const invalid = valid
    .map((frame) => breakagesOf(schemaOf('ClientFrame'), frame).filter(isOwn))
    .filter((broken) => broken.length > 0)
    .chain((broken) => fc.constantFrom(...broken))
  return fc.oneof(
    { weight: 5, arbitrary: valid.map(text('valid')) },
    { weight: 5, arbitrary: invalid.map(text('invalid')) },
    { weight: 2, arbitrary: hostile.map((data): Sent => ({ kind: 'hostile', data })) },
  )
}

function idIn(data: string | ArrayBuffer): string | null {
  try {
    return FrameId.parse(JSON.parse(String(data)).id)
  } catch {
    return null
  }
}

const isReceived = (data: string | ArrayBuffer) => typeof data === 'string' && data.includes('"type":"received"')

/** Checks what came back for a frame: one answer, under its id, and no server error. */
export function checkAnswer({ kind, data }: Sent, frames: ServerFrame[]) {
  const answers = frames.filter((frame) => frame.type === 'ack' || frame.type === 'error')
  if (kind === 'valid' && isReceived(data)) return expect(answers, '`received` has no answer').toEqual([])
  expect(answers, 'one answer').toHaveLength(1)
  const [answer] = answers
  expect(answer?.id, 'the id that is answered').toBe(kind === 'hostile' && typeof data !== 'string' ? null : idIn(data))
  if (answer?.type === 'error') expect(answer.problem.status, 'no server error').toBeLessThan(500)
  else expect(kind, 'what the document does not allow is rejected').toBe('valid')
}
