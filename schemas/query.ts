import { z } from '@hono/zod-openapi'

export const Flag = z.enum(['true', 'false']).openapi('Flag', { description: 'A boolean query parameter.' })

/** A boolean query parameter; defaults to `false`. */
export const flag = (description: string) => Flag.default('false').openapi({ param: { description } })

/** A boolean query parameter that filters: without it, both kinds are listed. */
export const filter = (description: string) => Flag.optional().openapi({ param: { description } })

/** Digits alone: what other languages read as numbers, such as `0x10`, `1e1`, or ` 5`, is none in a query. */
const inDigits = /^-?(?:0|[1-9]\d*)$/

/** An integer query parameter, spelled in decimal digits. */
export const queryInteger = (min: number, max: number) =>
  z.preprocess(
    (value) => (typeof value === 'string' && inDigits.test(value) ? Number(value) : value),
    z.int().min(min).max(max),
  )
