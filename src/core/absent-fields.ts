import type { ZodObject, ZodType } from 'zod'

interface FieldRules {
  /** Fields whose null means as little as their absence. */
  nullIsAbsent: string[]
  /** Texts that null clears. So does the empty string, because not every client can send null. */
  emptyIsNull: string[]
}

const accepts = (schema: ZodType, value: unknown) => schema.safeParse(value).success

/** Whether a schema is one of text, without a format such as that of a time. */
function isOfText(schema: ZodType): boolean {
  const def: { type: string; format?: string; innerType?: ZodType; options?: readonly ZodType[] } = {
    ...schema._zod.def,
  }
  const inner = def.innerType ?? def.options?.[0]
  return inner ? isOfText(inner) : def.type === 'string' && def.format === undefined
}

const rulesOf = ({ shape }: ZodObject): FieldRules => {
  const fields: [string, ZodType][] = Object.entries(shape)
  return {
    nullIsAbsent: fields
      .filter(([, field]) => accepts(field, undefined) && !accepts(field, null))
      .map(([name]) => name),
    emptyIsNull: fields.filter(([, field]) => accepts(field, null) && isOfText(field)).map(([name]) => name),
  }
}

/**
 * Returns what makes an input of an object say the same in fewer ways: a null that means nothing is left out, and an empty
 * text that clears a field is null.
 */
export function plainFields(schema: ZodObject): (value: unknown) => unknown {
  let rules: FieldRules | undefined
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    rules ??= rulesOf(schema)
    const { nullIsAbsent, emptyIsNull } = rules
    const said = Object.entries(value).filter(([name, field]) => field !== null || !nullIsAbsent.includes(name))
    return Object.fromEntries(
      said.map(([name, field]) => [name, field === '' && emptyIsNull.includes(name) ? null : field]),
    )
  }
}
