import type { InputError } from '../../src/core/errors'
import * as operationExamples from '../operations'
import type { Schema } from '../schema-forms'
import type { Example, OperationExamples } from './operation-examples'
import { invalidRequest, limitTooHigh, type ProblemExample } from './problems'

const examplesOf: Record<string, OperationExamples> = operationExamples

interface Media {
  schema?: Schema
  examples?: Record<string, Example>
}

export interface Operation {
  operationId: string
  parameters?: { name: string; in: string; example?: unknown }[]
  requestBody?: { content: Record<string, Media> }
  responses: Record<string, { content?: Record<string, Media> }>
}

const idKinds: Record<string, string> = {
  sessionId: 'session',
  userId: 'user',
  chatId: 'chat',
  groupId: 'group',
  messageId: 'message',
  fileId: 'file',
}

/** A mistake that any operation with such inputs rejects: an unknown field, a page that is too large, an invalid ID. */
function likelyMistake({ parameters = [], requestBody }: Operation): InputError {
  if (requestBody?.content['application/json'])
    return { pointer: '/color', code: 'unrecognized_keys', detail: 'Unknown field.' }
  if (parameters.some(({ name }) => name === 'limit')) return limitTooHigh
  const id = parameters.find(({ name }) => idKinds[name])
  if (!id) return { pointer: '/query/color', code: 'unrecognized_keys', detail: 'Unknown field.' }
  return { pointer: `/path/${id.name}`, code: 'invalid_format', detail: `Must be a ${idKinds[id.name]} ID.` }
}

/** The problem examples of an operation, with their details. The most likely problem comes first for its status. */
function refusals(operation: Operation, { problem, mistake = likelyMistake(operation) }: OperationExamples) {
  const said: Record<string, ProblemExample> = {
    invalid_request: invalidRequest(mistake),
    [problem.code]: problem,
  }
  return (examples: Record<string, Example> = {}) => {
    const codes = Object.keys(examples).toSorted((a, b) => Number(b === problem.code) - Number(a === problem.code))
    return Object.fromEntries(
      codes.map((code) => [
        code,
        { summary: code, ...examples[code], value: { ...Object(examples[code]?.value), ...said[code] } },
      ]),
    )
  }
}

function withExamples(operation: Operation, own: OperationExamples): Operation {
  const { parameters, requestBody, responses } = operation
  const refused = refusals(operation, own)
  const shown = (status: string) => (type: string, media: Media) =>
    type === 'application/problem+json'
      ? { ...media, examples: refused(media.examples) }
      : { ...media, ...(own.responses?.[status] && { examples: own.responses[status] }) }
  const eachOf = (content: Record<string, Media>, show: (type: string, media: Media) => Media) =>
    Object.fromEntries(Object.entries(content).map(([type, media]) => [type, show(type, media)]))
  return {
    ...operation,
    ...(parameters && {
      parameters: parameters.map((parameter) => {
        const example = own.parameters?.[parameter.name]
        return example === undefined ? parameter : { ...parameter, example }
      }),
    }),
    ...(requestBody && {
      requestBody: {
        ...requestBody,
        content: eachOf(requestBody.content, (type, media) =>
          own.body && type === 'application/json' ? { ...media, examples: own.body } : media,
        ),
      },
    }),
    responses: Object.fromEntries(
      Object.entries(responses).map(([status, response]) => [
        status,
        response.content ? { ...response, content: eachOf(response.content, shown(status)) } : response,
      ]),
    ),
  }
}

/** The paths of a document with the examples of their operations added. */
export const addExamples = (paths: Record<string, Record<string, Operation>>) =>
  Object.fromEntries(
    Object.entries(paths).map(([path, methods]) => [
      path,
      Object.fromEntries(
        Object.entries(methods).map(([method, operation]) => {
          const own = examplesOf[operation.operationId]
          return [method, own ? withExamples(operation, own) : operation]
        }),
      ),
    ]),
  )
