// Thousands of requests generated from the document: whatever goes in, what comes out is what the document declares.
import { exports } from 'cloudflare:workers'
import { beforeAll, describe, expect, test } from 'vitest'
import { documentedOperations } from '../support/check-response'
import { sized } from '../support/run-size'
import { fuzz, type Respond } from './fuzz'
import { attemptsOf, successesOf, totalsText } from './totals'

const setting = (name: string): string | undefined => import.meta.env[`VITE_FUZZ_${name}`]

const runs = Number(setting('RUNS') ?? sized(24, 100))
const seed = Number(setting('SEED') ?? 20_261_125)
const path = setting('PATH')
// Catches what hangs; not a measure of speed.
const timeout = 3_600_000

beforeAll(() => {
  const { log } = console
  // Thousands of requests log, and a failing check reports everything that they would say. Codes are read from the log.
  for (const level of ['info', 'warn', 'error'] as const) console[level] = () => undefined
  console.log = (...parts) => (String(parts).includes('Code for') ? log(...parts) : undefined)
})

describe(`a request generated from the document (${runs} to each operation, seed ${seed})`, () => {
  test.each(documentedOperations)(
    'gets only what the document declares: $operationId',
    { timeout },
    async (operation) => {
      expect(await fuzz(operation, { runs, seed, path })).toBeUndefined()
      if (path === undefined) expect(successesOf(operation.operationId), 'requests that succeeded').toBeGreaterThan(0)
    },
  )

  test('is sometimes valid, sometimes invalid and sometimes hostile', ({ task }) => {
    for (const kind of ['valid', 'invalid', 'hostile'] as const)
      expect(attemptsOf(kind), kind).toBeGreaterThan((runs * documentedOperations.length) / 10)
    task.meta.note = `fuzz: ${runs} requests to each operation, seed ${seed}\n${totalsText()}`
  })
})

describe('the fuzzer finds', () => {
  const operationOf = (operationId: string) => {
    const operation = documentedOperations.find((one) => one.operationId === operationId)
    if (!operation) throw new Error(`There is no ${operationId}`)
    return operation
  }

  /** The worker, except for its successes. */
  const tampered =
    (change: (response: Response) => Response | Promise<Response>): Respond =>
    async (request) => {
      const response = await exports.default.fetch(request)
      return response.status === 200 ? change(response) : response
    }

  const found = (operationId: string, respond: Respond) => fuzz(operationOf(operationId), { runs: 50, seed, respond })

  test('a status that the document does not declare', async () => {
    const respond = tampered(({ body, headers }) => new Response(body, { status: 202, headers }))
    expect(await found('getMe', respond)).toContain('getMe 202: the document does not declare this status')
  })

  test('a field that the document does not declare, however deep', async () => {
    const respond = tampered(async (response) => {
      const page = await response.json<{ items: object[] }>()
      return Response.json({ ...page, items: page.items.map((item) => ({ ...item, secret: 1 })) }, response)
    })
    const report = await found('listChats', respond)
    expect(report).toContain('properties that the document does not declare')
    expect(report).toContain('/items/0/secret')
  })

  test('a field that is missing or does not match the schema', async () => {
    const respond = tampered(async (response) =>
      Response.json({ ...(await response.json<object>()), createdAt: 'today' }, response),
    )
    expect(await found('getMe', respond)).toContain("the body under the document's schema")
  })

  test('a server error', async () => {
    const respond = tampered(() => Response.json({ code: 'internal_error' }, { status: 500 }))
    expect(await found('getMe', respond)).toContain('a server error')
  })

  test('input that is accepted although the document does not allow it', async () => {
    const respond: Respond = ({ headers }) =>
      exports.default.fetch('http://localhost/v1/me', {
        headers: { Authorization: headers.get('Authorization') ?? '' },
      })
    expect(await found('updateMe', respond)).toContain('what the document does not allow is rejected')
  })
})
