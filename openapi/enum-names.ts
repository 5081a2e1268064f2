import type { Schema } from './schema-forms'

/** `sexualContent` → `SEXUAL_CONTENT`. */
const constantOf = (text: string) =>
  text
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .replaceAll(/\W/g, '_')
    .toUpperCase()

/**
 * Components with names for the values of each enum that shares one with another. Where constants have no scope, as in Go,
 * generators would otherwise make the same constant twice. The first enum keeps the constant: one with a default before
 * others, because the Kotlin generator does not find a default by another name.
 */
export function withEnumNames(schemas: Record<string, Schema>): Record<string, Schema> {
  const taken = new Set<unknown>()
  const enums = Object.entries(schemas).flatMap(([name, { enum: values, ...rest }]) =>
    values ? [{ name, values, isFirst: 'default' in rest }] : [],
  )
  const names = new Map<string, string[]>()
  for (const { name, values } of enums.toSorted((a, b) => Number(b.isFirst) - Number(a.isFirst))) {
    if (values.some((value) => taken.has(value)))
      names.set(
        name,
        values.map((value) => constantOf(taken.has(value) ? `${name}_${value}` : String(value))),
      )
    for (const value of values) taken.add(value)
  }
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => {
      const named = names.get(name)
      return [name, named ? { ...schema, 'x-enum-varnames': named } : schema]
    }),
  )
}
