import { z } from 'zod'
import { ClientFrame, FrameId } from '../../../schemas/realtime'
import { type ProblemError, problem } from '../../../src/core/errors'
import { limits } from '../../../src/core/limits'
import { invalidRequest } from '../../../src/core/problem-body'

interface Unreadable {
  /** The frame's id, if that much can be read. */
  id: string | null
  error: ProblemError
}

const Identified = z.object({ id: FrameId })

const unreadable = (error: ProblemError, id: string | null = null): Unreadable => ({ id, error })

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Returns a client's frame, or why it is not one. */
export function readFrame(data: string | ArrayBuffer): { frame: ClientFrame } | Unreadable {
  if (typeof data !== 'string') return unreadable(problem('invalid_request', { detail: 'Frames must be text.' }))
  if (Buffer.byteLength(data) > limits.jsonBodyBytesMax)
    return unreadable(problem('payload_too_large', { detail: `At most ${limits.jsonBodyBytesMax} bytes.` }))
  const json = parseJson(data)
  if (json === undefined)
    return unreadable(problem('malformed_json', { detail: 'The frame cannot be parsed as JSON.' }))
  const { data: frame, error } = ClientFrame.safeParse(json)
  return error ? unreadable(invalidRequest('json', error), Identified.safeParse(json).data?.id) : { frame }
}
