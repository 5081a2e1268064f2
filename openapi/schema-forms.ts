/** The forms that a value can take under a schema, with references resolved and `allOf` merged. */

export interface Schema {
  $ref?: string
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
  items?: Schema
  allOf?: Schema[]
  anyOf?: Schema[]
  oneOf?: Schema[]
  discriminator?: object
  pattern?: string
  format?: string
  uniqueItems?: boolean
  [bound: string]: unknown
}

/** The part of a document that holds its components. */
export interface Components {
  components?: { schemas?: Record<string, Schema> }
}

/** One form that a value can take, and the key that identifies it among the others. */
export interface Form {
  key: string
  schema: Schema
  /** The component that describes it. */
  component?: string
  /** Part of a union with a discriminator: clients must ignore the variants that they do not know. */
  isOpen: boolean
}

const componentOf = ($ref: string) => $ref.slice($ref.lastIndexOf('/') + 1)

function resolve(document: Components, schema: Schema): Schema {
  if (schema.$ref === undefined) return schema
  const target = document.components?.schemas?.[componentOf(schema.$ref)]
  if (!target) throw new Error(`The document has no ${schema.$ref}`)
  return resolve(document, target)
}

/** Schemas that apply together, merged into one; an earlier keyword takes precedence over a later one. */
function merged(document: Components, parts: Schema[]): Schema {
  const whole = parts.map((part) => joined(document, part))
  return {
    ...Object.assign({}, ...whole.toReversed()),
    properties: Object.assign({}, ...whole.map(({ properties }) => properties)),
    required: whole.flatMap(({ required = [] }) => required),
  }
}

function joined(document: Components, schema: Schema): Schema {
  const { allOf, ...own } = resolve(document, schema)
  return allOf ? merged(document, [own, ...allOf]) : own
}

const nameOf = ({ $ref, allOf = [] }: Schema) => {
  const ref = $ref ?? allOf.find((part) => part.$ref)?.$ref
  return ref === undefined ? undefined : componentOf(ref)
}

function typesOf({ type, properties, items, enum: values, const: constant }: Schema): string[] {
  if (type !== undefined) return [type].flat()
  if (properties) return ['object']
  if (items) return ['array']
  const value = values?.[0] ?? constant
  return [value === undefined ? 'anything' : typeof value]
}

/** Every form of a value, including `null`. Forms of the same type are distinguished by their components. */
export function formsOf(document: Components, schema: Schema): Form[] {
  const whole = joined(document, schema)
  const alternatives = whole.anyOf ?? whole.oneOf
  const forms = alternatives
    ? alternatives.flatMap((one) => formsOf(document, one))
    : typesOf(whole).map((type) => {
        const component = nameOf(schema)
        return { key: type, schema: whole, isOpen: false, ...(component !== undefined && { component }) }
      })
  const isShared = (key: string) => forms.filter((form) => form.key === key).length > 1
  return forms.map((form) => ({
    ...form,
    isOpen: form.isOpen || whole.discriminator !== undefined,
    key: isShared(form.key) ? (form.component ?? form.key) : form.key,
  }))
}

/** The form in the other document that corresponds to a form. Every integer is a number. */
export const partnerOf = (form: Form, forms: Form[]): Form | undefined =>
  forms.find(({ key }) => key === form.key) ??
  forms.find(({ component }) => component !== undefined && component === form.component) ??
  forms.find(({ key }) => key === 'number' && form.key === 'integer')
