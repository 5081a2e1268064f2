// Runs the committed collection from the first request to the last, as a newcomer does.
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { NpmServer } from '../runtime/npm-start.ts'
import { type Collection, type Environment, itemsOf, type RunResult } from './collection.ts'
import { type Exchange, runRequests } from './runs.ts'

async function read<Content>(root: string, name: string): Promise<Content> {
  return JSON.parse(await readFile(path.join(root, 'openapi', name), 'utf8'))
}

const variableOf = ({ values }: Environment, key: string) => values.find((one) => one.key === key)

function set(environment: Environment, key: string, value: string) {
  const variable = variableOf(environment, key)
  if (!variable) throw new Error(`The environment has no ${key}.`)
  variable.value = value
}

const takesCode = /^(verifyOtp|changePhoneNumber)/
// Both users' tokens expire before this request.
const renewsTokens = 'findContacts'

// A stage ends before each request that takes a code, because you have to read and enter the code first.
function stagesOf(collection: Collection): string[][] {
  const stages: string[][] = []
  let stage: string[] = []
  for (const { id } of collection.item.flatMap(itemsOf)) {
    if (takesCode.test(id) || id === renewsTokens) {
      stages.push(stage)
      stage = []
    }
    stage.push(id)
  }
  return [...stages, stage]
}

function numberIn(exchanges: Exchange[]): string {
  const { phoneNumber } = JSON.parse(exchanges.at(-1)?.request.body?.raw ?? '{}')
  return phoneNumber
}

/** Invalidates a user's access token, so that the next request has to refresh it first. */
function expire(environment: Environment, who: string) {
  set(environment, `${who}AccessToken`, 'lost')
  set(environment, `${who}AccessTokenExpiresAt`, '2020-01-01T00:00:00.000Z')
}

const fixedCode = '482913'

/** The setting that gives the numbers of the committed environment a fixed code. */
export const testNumbers: string = JSON.stringify(
  Object.fromEntries(
    ['+12025550101', '+12025550102', '+12025550103'].map((number) => [
      number,
      { code: fixedCode, expiresAt: '2100-01-01T00:00:00Z' },
    ]),
  ),
)

/** Runs the committed collection at once, as Newman does in somebody's pipeline. */
export async function runUnattended(root: string, { origin }: NpmServer): Promise<RunResult> {
  const collection = await read<Collection>(root, 'postman-collection.json')
  const environment = await read<Environment>(root, 'postman-environment.json')
  set(environment, 'baseUrl', origin)
  set(environment, 'code', fixedCode)
  const { exchanges, failures, stats } = await runRequests(collection, undefined, { environment, workingDir: root })
  const sent = new Set(exchanges.map(({ item }) => item.id))
  const missing = collection.item.flatMap(itemsOf).filter(({ id }) => !sent.has(id))
  return {
    requests: exchanges.length,
    assertions: stats.assertions.total,
    failures: [...failures, ...missing.map(({ id }) => `${id} was not sent`)],
  }
}

const isRenewal = ({ item }: Exchange) => item.name === undefined

export async function runCollection(root: string, { origin, codeFor }: NpmServer): Promise<RunResult> {
  const collection = await read<Collection>(root, 'postman-collection.json')
  let environment = await read<Environment>(root, 'postman-environment.json')
  set(environment, 'baseUrl', origin)
  const picture = await readFile(path.join(root, 'docs/lighthouse.jpg'))
  const failures: string[] = []
  const totals = { requests: 0, assertions: 0 }

  let number = ''
  let renewals = 0
  for (const ids of stagesOf(collection)) {
    const [first = '', last = first] = [ids.at(0), ids.at(-1)]
    if (takesCode.test(first)) set(environment, 'code', await codeFor(number))
    if (first === renewsTokens) for (const who of ['ana', 'ben']) expire(environment, who)
    const { exchanges, ...result } = await runRequests(collection, ids, {
      environment,
      workingDir: root,
      onExchange: ({ item, status }) =>
        console.log(`  ${status} ${item.name ?? '(tokens renewed before the next request)'}`),
    })
    environment = result.environment
    totals.requests += exchanges.length
    totals.assertions += result.stats.assertions.total
    renewals += exchanges.filter(isRenewal).length
    const download = exchanges.find(({ item }) => item.id === 'getFile')
    const missing = ids.filter((id) => !exchanges.some(({ item }) => item.id === id))
    failures.push(...result.failures, ...missing.map((id) => `${id} was not sent`))
    if (download && !(download.response && picture.equals(download.response.stream)))
      failures.push('The picture came back with other bytes')
    if (last.startsWith('sendOtp')) number = numberIn(exchanges)
  }
  if (renewals !== 2) failures.push(`Tokens were renewed ${renewals} times, not once for each of two users`)
  if (variableOf(environment, 'benRefreshToken')?.value !== '')
    failures.push('Ben’s tokens were kept after his session ended')
  return { ...totals, failures }
}
