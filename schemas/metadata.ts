import { z } from '@hono/zod-openapi'
import { limits } from '../src/core/limits'
import { isJsonObject, type JsonObject, metadataFault } from '../src/core/metadata'

const anything = { type: 'object', additionalProperties: true } as const

const example = { location: { latitude: 38.5231, longitude: -8.9012 } }

export const Metadata = z.custom<JsonObject>(isJsonObject).openapi('Metadata', {
  ...anything,
  description:
    'Custom data of your app, such as a location, a contact card, or a poll. The service keeps and returns it, and never reads it. Do not trust it: another user’s client may have written anything.',
  example,
})

/** Metadata in a request, whose bounds are checked. */
export const MetadataInput = z
  .custom<JsonObject>()
  .superRefine((value, ctx) => {
    const fault = metadataFault(value)
    if (!fault) return
    const { path, code, message } = fault
    const issue = { path, message, input: value }
    if (code === 'custom') ctx.addIssue({ ...issue, code })
    else if (code === 'invalid_type') ctx.addIssue({ ...issue, code, expected: 'object' })
    else ctx.addIssue({ ...issue, code, origin: 'object', maximum: limits.metadataBytesMax })
  })
  .openapi({
    ...anything,
    description: `Custom data of your app: a JSON object of up to ${limits.metadataBytesMax} bytes, as UTF-8 without white space, and ${limits.metadataLevelsMax} levels of objects and arrays. It replaces the whole of what was there; an empty object is none. Names come back in any order, and of one that is repeated, the last counts. Numbers are doubles (I-JSON, RFC 7493): an integer beyond ±(2^53 - 1) is refused, as are U+0000, lone surrogates, and the name \`__proto__\`.`,
    example,
  })
