import { z } from 'zod'
import { ClientFrame, FrameId } from '../../../schemas/realtime'
import { plainFields } from '../../../src/core/absent-fields'
import { type ProblemError, problem } from '../../../src/core/errors'
import { invalidRequest } from '../../../src/core/problem-body'

interface Unreadable {
  /** The frame's id, if that much can be read. */
  id: string | null
  error: ProblemError
}

const Identified = z.object({ id: FrameId })
const Typed = z.object({ type: z.string() })

const plainFrames = new Map<string, (value: unknown) => unknown>(
  ClientFrame.options.map((frame) => [frame.shape.type.value, plainFields(frame)]),
)

function plain(json: unknown): unknown {
  const { data } = Typed.safeParse(json)
  return data ? (plainFrames.get(data.type)?.(json) ?? json) : json
}

const unreadable = (error: ProblemError, id: string | null = null): Unreadable => ({ id, error })

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const frameBytes = (data: string | ArrayBuffer) =>
  typeof data === 'string' ? Buffer.byteLength(data) : data.byteLength

/** Returns a client's frame, or why it is not one. */
export function readFrame(data: string | ArrayBuffer): { frame: ClientFrame } | Unreadable {
  if (typeof data !== 'string') return unreadable(problem('invalid_request', { detail: 'Frames must be text.' }))
  const json = parseJson(data)
  if (json === undefined)
    return unreadable(problem('malformed_json', { detail: 'The frame cannot be parsed as JSON.' }))
  const { data: frame, error } = ClientFrame.safeParse(plain(json))
  return error ? unreadable(invalidRequest('json', error), Identified.safeParse(json).data?.id) : { frame }
}
