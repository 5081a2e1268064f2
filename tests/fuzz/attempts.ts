// Requests to one operation, generated from the document alone: valid, surely invalid and hostile ones.
import fc from 'fast-check'
import type { Input } from '../support/call'
import type { DocumentedOperationAt, JsonSchema, MediaType, Parameter } from '../support/check-response'
import { expired, stranger } from '../support/tokens'
import type { Attempt } from './attempt'
import { breakagesOf, textBreakagesOf } from './breakages'
import { hostileTo } from './hostile'
import { valuesOf } from './values'
import type { World } from './world'

type Texts = Record<string, string>

const isHeaderValue = (text: string) => /^[!-~]([ -~]*[!-~])?$/.test(text)
const isSendable = ({ in: place }: Parameter, text: string) =>
  place === 'header'
    ? isHeaderValue(text)
    : text.isWellFormed() && (place === 'query' || !['', '.', '..'].includes(text))

const textsFor = (parameter: Parameter, { pools }: World): fc.Arbitrary<string> =>
  valuesOf(parameter.schema, pools, parameter.name)
    .map(String)
    .filter((text) => isSendable(parameter, text))

/** Parameters in one place; what the document does not require is often left out. */
function textsOf(operation: DocumentedOperationAt, place: Parameter['in'], world: World): fc.Arbitrary<Texts> {
  const parameters = (operation.parameters ?? []).filter((parameter) => parameter.in === place)
  const arbitraries = (some: Parameter[]) => Object.fromEntries(some.map((one) => [one.name, textsFor(one, world)]))
  const required = parameters.filter((parameter) => parameter.required)
  const requiredKeys = required.map(({ name }) => name)
  const texts = fc.oneof(
    fc.record<Texts>(arbitraries(required)),
    fc.record<Texts>(arbitraries(parameters), { requiredKeys }),
  )
  const known = place === 'path' ? (world.params[operation.operationId] ?? []) : []
  return known.length > 0
    ? fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: texts })
    : texts
}

const jsonOf = ({ requestBody }: DocumentedOperationAt): MediaType | undefined =>
  requestBody?.content['application/json']

const fileBytes = fc.uint8Array({ maxLength: 2_000 })
const contentTypes = fc.constantFrom('text/plain', 'image/png', 'application/octet-stream', 'text/html; charset=utf-8')

const files = (inForm: boolean): fc.Arbitrary<Input> =>
  fc.tuple(fileBytes, contentTypes).map(([bytes, type]) => {
    if (!inForm) return { raw: bytes, headers: { 'Content-Type': type } }
    const form = new FormData()
    form.set('file', new File([bytes], 'file.txt', { type }))
    return { raw: form }
  })

function bodies(operation: DocumentedOperationAt, { pools, bodies: known }: World): fc.Arbitrary<Input> {
  const json = jsonOf(operation)
  if (json?.schema) {
    const made = valuesOf(json.schema, pools, 'body')
    const whole = known[operation.operationId] ?? []
    return fc.oneof(...(whole.length > 0 ? [fc.constantFrom(...whole)] : []), made).map((body) => ({ body }))
  }
  return operation.requestBody ? fc.boolean().chain(files) : fc.constant({})
}

export const validInputs = (operation: DocumentedOperationAt, world: World): fc.Arbitrary<Input> =>
  fc
    .record({
      params: textsOf(operation, 'path', world),
      query: textsOf(operation, 'query', world),
      headers: textsOf(operation, 'header', world),
      body: bodies(operation, world),
    })
    .map(({ body, ...input }) => ({ ...input, ...body, headers: { ...input.headers, ...body.headers } }))

const placesOf = { path: 'params', query: 'query', header: 'headers' } as const

interface Broken {
  twist: string
  input: Input
}

function brokenParameters(parameter: Parameter, input: Input): Broken[] {
  const part = placesOf[parameter.in]
  const held = String(input[part]?.[parameter.name] ?? '')
  const twisted = textBreakagesOf(parameter.schema, held)
    .filter((text) => isSendable(parameter, text))
    .map((text) => ({
      twist: `${parameter.in} ${parameter.name}`,
      input: { ...input, [part]: { ...input[part], [parameter.name]: text } },
    }))
  if (!parameter.required || parameter.in === 'path') return twisted
  const { [parameter.name]: _, ...others } = input[part] ?? {}
  return [...twisted, { twist: `no ${parameter.in} ${parameter.name}`, input: { ...input, [part]: others } }]
}

function brokenBodies(schema: JsonSchema, { body, ...input }: Input): Broken[] {
  const raw = { raw: '', headers: { ...input.headers, 'Content-Type': 'application/json' } }
  return [
    ...breakagesOf(schema, body).map((broken) => ({ twist: 'body', input: { ...input, body: broken } })),
    { twist: 'no body', input },
    { twist: 'empty body', input: { ...input, ...raw } },
  ]
}

/** Every invalid request that is one step away from a valid one. The site is chosen first, or bodies would dominate. */
function invalidInputs(operation: DocumentedOperationAt, world: World): fc.Arbitrary<Broken> | undefined {
  const schema = jsonOf(operation)?.schema
  const sites = [
    ...(operation.parameters ?? []).map((parameter) => (input: Input) => brokenParameters(parameter, input)),
    ...(schema ? [(input: Input) => brokenBodies(schema, input)] : []),
  ]
  if (sites.length === 0) return undefined
  return fc
    .tuple(fc.constantFrom(...sites), validInputs(operation, world))
    .map(([site, input]) => site(input))
    .filter((broken) => broken.length > 0)
    .chain((broken) => fc.constantFrom(...broken))
}

export async function attemptsAt(operation: DocumentedOperationAt, world: World): Promise<fc.Arbitrary<Attempt>> {
  const valid = validInputs(operation, world)
  const invalid = invalidInputs(operation, world)
  const tokens = {
    none: undefined,
    garbage: 'garbage',
    expired: (await expired()).accessToken,
    stranger: (await stranger()).accessToken,
  }
  return fc.oneof(
    { weight: 5, arbitrary: valid.map((input): Attempt => ({ kind: 'valid', twist: 'none', input })) },
    ...(invalid ? [{ weight: 5, arbitrary: invalid.map((broken): Attempt => ({ kind: 'invalid', ...broken })) }] : []),
    { weight: 3, arbitrary: hostileTo(operation, valid, tokens) },
  )
}
