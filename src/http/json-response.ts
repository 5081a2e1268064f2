import type { Context, TypedResponse } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { JsonText } from '../core/json-text'

/** Returns a response whose body is JSON already; to the type of the handler, it is what `c.json` of the value returns. */
export const jsonResponse = <T, S extends ContentfulStatusCode>(c: Context, text: JsonText<T>, status: S) =>
  c.body(text, status, { 'Content-Type': 'application/json' }) as unknown as Response & TypedResponse<T, S, 'json'>
