import { z } from '@hono/zod-openapi'
import { describe, expect, test } from 'vitest'
import type { OperationExamples } from '../../openapi/examples/operation-examples'
import * as operationExamples from '../../openapi/operations'
import { operations } from '../../routes'
import { problems } from '../../src/core/errors'
import { refused } from '../support/call'
import { type DocumentedOperationAt, document, documentedOperations, type MediaType } from '../support/check-response'
import { exampleInput } from '../support/example-input'
import { newUser } from '../support/users'

interface Shown {
  at: string
  operationId: string
  status: string
  media: MediaType
}

/** Everything with a JSON body of its own: the request, under the status `body`, and each success. */
const shownBy = ({ operationId, requestBody, responses }: DocumentedOperationAt): Shown[] =>
  Object.entries({ body: requestBody, ...responses }).flatMap(([status, part]) => {
    const media = part?.content?.['application/json']
    return media ? [{ at: `${operationId} ${status}`, operationId, status, media }] : []
  })

function schemaOf({ operationId, status }: Shown): z.ZodType | undefined {
  const route = operations.find((operation) => operation.route.operationId === operationId)?.route
  const part = status === 'body' ? route?.request?.body : route?.responses[status]
  const media = part && 'content' in part ? part.content?.['application/json'] : undefined
  return media && 'schema' in media && media.schema instanceof z.ZodType ? media.schema : undefined
}

const valuesOf = ({ examples = {} }: MediaType) => Object.values(examples).map(({ value }) => value)

const examplesOf: Record<string, OperationExamples> = operationExamples

describe('the examples', () => {
  const shown = documentedOperations.flatMap(shownBy)

  test('exist for every operation, and for no other', () => {
    const ids = documentedOperations.map(({ operationId }) => operationId)
    expect(Object.keys(operationExamples).toSorted()).toEqual(ids.toSorted())
  })

  test('have a file for each operation, by its name, that the generated index lists', () => {
    const ids = documentedOperations.map(({ operationId }) => operationId)
    const files = Object.keys(import.meta.glob(['../../openapi/operations/*.ts']))
      .map((path) => path.replace(/^.*\/|\.ts$/g, ''))
      .filter((name) => name !== 'index')
    const listed = Object.keys(operationExamples)
    expect({
      'operations without a file in openapi/operations': ids.filter((id) => !files.includes(id)),
      'files in openapi/operations without an operation': files.filter((file) => !ids.includes(file)),
      'files that the index does not list: run `npm run openapi`': files.filter((file) => !listed.includes(file)),
    }).toEqual({
      'operations without a file in openapi/operations': [],
      'files in openapi/operations without an operation': [],
      'files that the index does not list: run `npm run openapi`': [],
    })
  })

  test.each(shown)('of $at are complete: their schema accepts them and drops nothing', (one) => {
    const values = valuesOf(one.media)
    expect(values.length).toBeGreaterThan(0)
    const schema = schemaOf(one)
    if (!schema) throw new Error(`${one.at} has no schema of its own`)
    for (const value of values) expect(schema.parse(value)).toMatchObject(Object(value))
    if (one.status !== 'body') for (const value of values) expect(schema.parse(value)).toStrictEqual(value)
  })

  test.each(documentedOperations)(
    'of $operationId show its most likely problem first among those of its status',
    (one) => {
      const likeliest = examplesOf[one.operationId]?.problem
      const { status } = problems[likeliest?.code ?? 'internal_error']
      const examples = one.responses[status]?.content?.['application/problem+json']?.examples ?? {}
      expect(Object.keys(examples)[0]).toBe(likeliest?.code)
      expect(Object.values(examples)[0]?.value).toMatchObject({ ...likeliest })
    },
  )

  test('use the same two people everywhere', () => {
    const ids = new Set(JSON.stringify(document).match(/usr_[0-9A-Z]{26}/g))
    expect(ids.size).toBe(2)
  })
})

describe('the documented invalid request gets the documented problem from', () => {
  const wrong: Record<string, string> = {
    too_big: 'x'.repeat(20_000),
    invalid_format: 'nope/',
    invalid_value: 'nope',
    custom: 'nope',
    unrecognized_keys: 'nope',
  }
  const partOf: Record<string, 'params' | 'query'> = { path: 'params', query: 'query' }

  test.each(documentedOperations.filter(({ responses }) => responses[400]))('$operationId', async (operation) => {
    const examples = operation.responses[400]?.content?.['application/problem+json']?.examples
    const { detail, errors } = Problem.parse(examples?.['invalid_request']?.value)
    const { pointer, code } = errors[0]
    const [place = '', name = ''] = pointer.slice(1).split('/')
    const input = exampleInput(operation.operationId)
    const part = partOf[place]
    const value = name === 'limit' ? '201' : String(wrong[code])
    const broken = part
      ? { ...input, [part]: { ...input[part], [name]: value } }
      : { ...input, body: { ...Object(input.body), [place]: value } }
    const answer = await refused(operation.operationId, 'invalid_request', broken, { as: await newUser() })
    expect(answer.body).toMatchObject({ detail, errors })
  })
})

const Problem = z.object({
  detail: z.string(),
  errors: z.tuple([z.object({ pointer: z.string(), code: z.string(), detail: z.string() })]),
})

describe('a reader of the document', () => {
  test('reads how to sign in before anything else', () => {
    const { description } = document.info
    expect(description).toMatch(/^### Sign in\n/)
    const steps = ['`sendOtp`', '`verifyOtp`', 'Authorize', '`refreshTokens`'].map((step) => description.indexOf(step))
    expect(steps).toEqual(steps.toSorted((a, b) => a - b))
    expect(steps).not.toContain(-1)
  })

  test('finds what each tag contains, where the server is and whose it is', () => {
    const used = documentedOperations.flatMap(({ tags = [] }) => tags)
    expect(document.tags.map(({ name }) => name)).toEqual([...new Set(used)])
    for (const { description } of document.tags) expect(description).toMatch(/\.$/)
    expect(document.servers.map(({ url }) => url)).toEqual(['http://localhost:8787', '{origin}'])
    expect(document.info).toMatchObject({ contact: { name: expect.any(String) }, license: { name: 'MIT' } })
  })
})
