import { type Components, type Form, formsOf, partnerOf, type Schema } from './schema-forms.ts'

/**
 * Finds what a new version of the document breaks for clients of the old one. What a client sends must still be accepted;
 * what it reads must still be there, in a form that it knows. Additions do not break clients: new operations, fields,
 * problems, values of enums that are read, and variants of a union with a discriminator.
 */

interface Parameter {
  name: string
  in: string
  required?: boolean
  schema?: Schema
}

type Content = Record<string, { schema?: Schema }>

interface Operation {
  operationId?: string
  security?: Record<string, string[]>[]
  parameters?: Parameter[]
  requestBody?: { required?: boolean; content: Content }
  responses?: Record<string, { headers?: Record<string, object>; content?: Content }>
}

export interface Documented extends Components {
  paths: Record<string, Record<string, Operation>>
}

/** From the client's point of view. */
type Direction = 'sent' | 'read'

const lowerBounds = ['minLength', 'minimum', 'exclusiveMinimum', 'minItems', 'minProperties']
const upperBounds = ['maxLength', 'maximum', 'exclusiveMaximum', 'maxItems', 'maxProperties']

const openValuesOf = ({ 'x-extensible-enum': values }: Schema) => (Array.isArray(values) ? values : undefined)

class Comparison {
  readonly breaks: string[] = []
  readonly #old: Documented
  readonly #now: Documented
  readonly #compared = new Set<string>()

  constructor(old: Documented, now: Documented) {
    this.#old = old
    this.#now = now
  }

  /** A value in a body, a parameter, or a response. A component is compared once per direction, under its name. */
  value(at: string, old: Schema, now: Schema, direction: Direction) {
    const [before, after] = [formsOf(this.#old, old), formsOf(this.#now, now)]
    const [promised, given] = direction === 'sent' ? [before, after] : [after, before]
    for (const form of promised) {
      const partner = partnerOf(form, given)
      if (partner) this.#form(at, direction === 'sent' ? [form, partner] : [partner, form], direction)
      else if (direction === 'sent') this.#add(at, direction, `${form.key} is no longer accepted`)
      else if (!form.isOpen) this.#add(at, direction, `may be ${form.key} now`)
    }
    if (direction === 'sent') return
    for (const form of before)
      if (form.isOpen && !partnerOf(form, after)) this.#add(at, direction, `${form.key} is gone`)
  }

  #add(at: string, direction: Direction, what: string) {
    this.breaks.push(`${at}, ${direction}: ${what}`)
  }

  #form(at: string, [old, now]: [Form, Form], direction: Direction) {
    const isComponent = old.component !== undefined && old.component === now.component
    if (!isComponent) return this.#schema(at, old.schema, now.schema, direction)
    const place = `${direction} ${old.component} ${old.key}`
    if (this.#compared.has(place)) return
    this.#compared.add(place)
    this.#schema(old.component ?? at, old.schema, now.schema, direction)
  }

  #schema(at: string, old: Schema, now: Schema, direction: Direction) {
    this.#values(at, old, now, direction)
    if (direction === 'sent') this.#bounds(at, old, now)
    if (old.format !== now.format && (direction === 'sent' ? now.format : old.format) !== undefined)
      this.#add(at, direction, `its format is now ${now.format ?? 'none'}, and was ${old.format ?? 'none'}`)
    this.#properties(at, old, now, direction)
    if (old.items && now.items) this.value(`${at}[]`, old.items, now.items, direction)
    else if (now.items && direction === 'sent') this.#add(at, direction, 'its items are now restricted')
  }

  /** Code that names a removed value no longer compiles, even if the value was only read. */
  #values(at: string, old: Schema, now: Schema, direction: Direction) {
    const [before, after] = [old, now].map(({ enum: values, const: constant }) =>
      constant === undefined ? values : [constant],
    )
    const [known, knownNow] = [before ?? openValuesOf(old), after ?? openValuesOf(now)]
    for (const value of known ?? [])
      if (knownNow && !knownNow.includes(value)) this.#add(at, direction, `the value ${JSON.stringify(value)} is gone`)
    if (!before && after && direction === 'sent') this.#add(at, direction, 'only some values are now accepted')
    if (before && !after && direction === 'read') this.#add(at, direction, 'may be any value now')
  }

  #bounds(at: string, old: Schema, now: Schema) {
    const numbers = (name: string, absent: number) =>
      [old[name], now[name]].map((bound) => (typeof bound === 'number' ? bound : absent))
    for (const name of lowerBounds) {
      const [before = 0, after = 0] = numbers(name, Number.NEGATIVE_INFINITY)
      if (after > before) this.#add(at, 'sent', `${name} is ${after} now`)
    }
    for (const name of upperBounds) {
      const [before = 0, after = 0] = numbers(name, Number.POSITIVE_INFINITY)
      if (after < before) this.#add(at, 'sent', `${name} is ${after} now`)
    }
    if (now.pattern !== undefined && now.pattern !== old.pattern) this.#add(at, 'sent', 'its pattern changed')
    if (now.uniqueItems && !old.uniqueItems) this.#add(at, 'sent', 'every item must be unique now')
  }

  #properties(at: string, old: Schema, now: Schema, direction: Direction) {
    const before = old.properties ?? {}
    const after = now.properties ?? {}
    for (const [name, schema] of Object.entries(before)) {
      const partner = after[name]
      if (partner) this.value(`${at}.${name}`, schema, partner, direction)
      else this.#add(`${at}.${name}`, direction, 'is gone')
    }
    const [needed, known] = direction === 'sent' ? [now.required, old.required] : [old.required, now.required]
    for (const name of new Set(needed)) {
      if (known?.includes(name) || (direction === 'read' && !after[name])) continue
      this.#add(`${at}.${name}`, direction, direction === 'sent' ? 'is required now' : 'may be missing now')
    }
    const isClosed = now.additionalProperties === false && old.additionalProperties !== false
    if (isClosed && direction === 'sent') this.#add(at, direction, 'unknown fields are refused now')
  }

  operation(at: string, old: Operation, now: Operation) {
    if (old.operationId !== now.operationId) this.breaks.push(`${at}: its operationId is ${now.operationId} now`)
    const isFree = ({ security = [] }: Operation) =>
      security.length === 0 || security.some((requirement) => Object.keys(requirement).length === 0)
    if (isFree(old) && !isFree(now)) this.breaks.push(`${at}: needs a token now`)
    this.#parameters(at, old.parameters ?? [], now.parameters ?? [])
    this.#requestBody(at, old, now)
    for (const [status, response] of Object.entries(old.responses ?? {})) {
      const partner = now.responses?.[status]
      if (!partner) {
        this.breaks.push(`${at} ${status}: is gone`)
        continue
      }
      for (const name of Object.keys(response.headers ?? {}))
        if (!partner.headers?.[name]) this.breaks.push(`${at} ${status}: the header ${name} is gone`)
      this.#content(`${at} ${status} body`, response.content ?? {}, partner.content ?? {}, 'read')
    }
  }

  #parameters(at: string, old: Parameter[], now: Parameter[]) {
    const sameOf = (all: Parameter[], one: Parameter) =>
      all.find((other) => other.in === one.in && other.name === one.name)
    for (const parameter of old) {
      const partner = sameOf(now, parameter)
      const place = `${at} ${parameter.in} ${parameter.name}`
      if (!partner) this.breaks.push(`${place}: is gone`)
      else if (parameter.schema && partner.schema) this.value(place, parameter.schema, partner.schema, 'sent')
    }
    for (const parameter of now)
      if (parameter.required && !sameOf(old, parameter)?.required)
        this.breaks.push(`${at} ${parameter.in} ${parameter.name}: is required now`)
  }

  #requestBody(at: string, { requestBody: old }: Operation, { requestBody: now }: Operation) {
    if (now?.required && !old?.required) this.breaks.push(`${at} body: is required now`)
    if (old) this.#content(`${at} body`, old.content, now?.content ?? {}, 'sent')
  }

  #content(at: string, old: Content, now: Content, direction: Direction) {
    for (const [type, { schema }] of Object.entries(old)) {
      const partner = now[type]
      if (!partner) this.breaks.push(`${at}: ${type} is gone`)
      else if (schema && partner.schema) this.value(at, schema, partner.schema, direction)
    }
  }
}

/**
 * Returns one line for each change that would break a client of the old document. `sentComponents` names the components
 * that clients send outside of requests, such as the frames of a WebSocket.
 */
export function breakingChanges(old: Documented, now: Documented, sentComponents: string[] = []): string[] {
  const comparison = new Comparison(old, now)
  for (const [path, methods] of Object.entries(old.paths))
    for (const [method, operation] of Object.entries(methods)) {
      const partner = now.paths[path]?.[method]
      const at = operation.operationId ?? `${method.toUpperCase()} ${path}`
      if (partner) comparison.operation(at, operation, partner)
      else comparison.breaks.push(`${at}: ${method.toUpperCase()} ${path} is gone`)
    }
  const [before, after] = [old.components?.schemas ?? {}, now.components?.schemas ?? {}]
  for (const name of sentComponents) {
    const [schema, partner] = [before[name], after[name]]
    if (schema && partner) comparison.value(name, schema, partner, 'sent')
  }
  // Generated clients name their types after the schemas.
  for (const name of Object.keys(before)) if (!after[name]) comparison.breaks.push(`${name}: the schema is gone`)
  return comparison.breaks
}
