import { limits } from '../../src/core/limits'
import { type Input, pathOf, requestOf } from '../support/call'
import type { DocumentedOperationAt } from '../support/check-response'
import type { World } from './world'

export type Kind = 'valid' | 'invalid' | 'hostile'

export interface Attempt {
  kind: Kind
  /** What is done to an otherwise valid request. */
  twist: string
  input: Input
  accessToken?: string
  method?: string
}

/** The request itself, by the caller unless another token is to be tried. */
export function requestFor(operationId: string, { input, accessToken, method }: Attempt, { caller }: World): Request {
  const as = accessToken === undefined ? caller : { accessToken }
  const { Authorization, ...headers } = input.headers ?? {}
  const request = requestOf(operationId, { ...input, headers: { ...headers } }, Authorization === '' ? {} : { as })
  return method === undefined ? request : new Request(request.url, { method, headers: request.headers })
}

/** What it takes to send it again. */
export const describe = (operation: DocumentedOperationAt, { kind, twist, input, method }: Attempt) => {
  const { params, query, headers, body, raw } = input
  const text = JSON.stringify({
    query,
    headers,
    body,
    raw: typeof raw === 'string' ? raw.slice(0, 200) : raw && 'bytes',
  })
  return `${kind} (${twist}): ${method ?? operation.method} ${pathOf(operation.operationId, params)} ${text.slice(0, limits.textCharactersMax)}`
}
