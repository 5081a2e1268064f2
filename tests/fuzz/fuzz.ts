import { env, exports } from 'cloudflare:workers'
import fc from 'fast-check'
import { expect } from 'vitest'
import { checkResponse, type DocumentedOperationAt, readJson } from '../support/check-response'
import { type Attempt, describe, requestFor } from './attempt'
import { attemptsAt } from './attempts'
import { count } from './totals'
import { newWorld, revive, type World } from './world'

export type Respond = (request: Request) => Promise<Response>

export interface FuzzOptions {
  runs: number
  seed: number
  /** Where to repeat a failed run from. */
  path?: string | undefined
  /** Between the worker and the check. */
  respond?: Respond
}

const fromWorker: Respond = (request) => exports.default.fetch(request)

/** Releases what a response may hold open. */
async function finish(response: Response) {
  response.webSocket?.accept()
  response.webSocket?.close()
  await response.arrayBuffer()
}

const isOver = (body: unknown) =>
  typeof body === 'object' && body !== null && 'code' in body && body.code === 'session_ended'

/** Sends it, and checks the response against the document. */
async function tryOut(operation: DocumentedOperationAt, attempt: Attempt, world: World, respond: Respond) {
  const request = requestFor(operation.operationId, attempt, world)
  const response = await respond(request)
  const body = await readJson(response)
  try {
    expect(response.status, `a server error: ${JSON.stringify(body)}`).toBeLessThan(500)
    await checkResponse(request, response, body, env.CORS_ORIGINS)
    if (attempt.kind === 'invalid')
      expect(response.status, 'what the document does not allow is rejected').toSatisfy(
        (status: number) => status >= 400,
      )
  } finally {
    await finish(response)
  }
  count(operation.operationId, attempt, response.status)
  if (isOver(body)) await revive(world)
}

/** The message, and what an assertion compared. */
const told = (error: unknown) =>
  error instanceof Error && 'actual' in error
    ? `${error.message}\n${JSON.stringify(error.actual)?.slice(0, 1_000)}`
    : String(error)

/** What went wrong, as the shortest request that shows it; undefined when nothing did. */
export async function fuzz(operation: DocumentedOperationAt, options: FuzzOptions): Promise<string | undefined> {
  const { runs, seed, path, respond = fromWorker } = options
  const world = await newWorld(operation)
  const property = fc.asyncProperty(await attemptsAt(operation, world), (attempt) =>
    tryOut(operation, attempt, world, respond),
  )
  const details = await fc.check(property, { seed, numRuns: runs, ...(path !== undefined && { path }) })
  if (!details.failed) return undefined
  const [attempt] = details.counterexample ?? []
  const request = attempt ? describe(operation, attempt) : 'no request'
  const again = `VITE_FUZZ_SEED=${details.seed} VITE_FUZZ_PATH=${details.counterexamplePath}`
  return `${request}\n${told(details.errorInstance)}\nagain: ${again} npm test -- tests/fuzz/fuzz.test.ts -t ${operation.operationId}`
}
