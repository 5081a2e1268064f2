// The committed collection from its first request to its last, as a newcomer runs it.
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { runRequests } from './runs.ts'

const read = async (root, name) => JSON.parse(await readFile(path.join(root, 'openapi', name), 'utf8'))

const variableOf = ({ values }, key) => values.find((one) => one.key === key)?.value

function set(environment, key, value) {
  const variable = environment.values.find((one) => one.key === key)
  if (!variable) throw new Error(`The environment has no ${key}.`)
  variable.value = value
}

const takesCode = /^(verifyOtp|changePhoneNumber)/

// A run pauses before each request that takes a code, as whoever reads it and types it in does.
function stagesOf(collection) {
  const ids = collection.item.flatMap(({ item }) => item.map(({ id }) => id))
  const stages = [[]]
  for (const id of ids) {
    if (takesCode.test(id)) stages.push([])
    stages.at(-1).push(id)
  }
  return stages
}

const numberIn = (exchanges) => JSON.parse(exchanges.at(-1).request.body.raw).phoneNumber

/** Whose access token is lost and long expired from here on: the next request has to renew it first. */
function expire(environment, who) {
  set(environment, `${who}AccessToken`, 'lost')
  set(environment, `${who}AccessTokenExpiresAt`, '2020-01-01T00:00:00.000Z')
}

export async function runCollection(root, { origin, codeFor }) {
  const collection = await read(root, 'postman-collection.json')
  let environment = await read(root, 'postman-environment.json')
  set(environment, 'baseUrl', origin)
  const picture = await readFile(path.join(root, 'docs/lighthouse.jpg'))
  const failures = []
  const totals = { requests: 0, assertions: 0 }
  const stages = stagesOf(collection)
  // Where the tokens of both expire, another stage begins.
  const signedIn = stages.findIndex((ids) => ids.includes('findContacts'))
  const cut = stages[signedIn].indexOf('findContacts')
  stages.splice(signedIn, 1, stages[signedIn].slice(0, cut), stages[signedIn].slice(cut))

  let number: string | undefined
  let renewals = 0
  for (const [index, ids] of stages.entries()) {
    if (takesCode.test(ids[0])) set(environment, 'code', await codeFor(number))
    if (index === signedIn + 1) for (const who of ['ana', 'ben']) expire(environment, who)
    const result = await runRequests(collection, ids, {
      environment,
      workingDir: root,
      onExchange: ({ item, status }) =>
        console.log(`  ${status} ${item.name ?? '(tokens renewed before the next request)'}`),
    })
    environment = result.environment
    failures.push(...result.failures)
    totals.requests += result.exchanges.length
    renewals += result.exchanges.filter(({ item }) => item.name === undefined).length
    const download = result.exchanges.find(({ item }) => item.id === 'getFile')
    if (download && !picture.equals(download.response.stream)) failures.push('The picture came back with other bytes')
    totals.assertions += result.stats.assertions.total
    const missing = ids.filter((id) => !result.exchanges.some(({ item }) => item.id === id))
    failures.push(...missing.map((id) => `${id} was not sent`))
    if (ids.at(-1).startsWith('sendOtp')) number = numberIn(result.exchanges)
  }
  if (renewals !== 2) failures.push(`Tokens were renewed ${renewals} times, not once for each of two users`)
  if (variableOf(environment, 'benRefreshToken') !== '') failures.push('Ben’s tokens were kept after his session ended')
  return { ...totals, failures }
}
