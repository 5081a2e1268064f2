import { z } from '@hono/zod-openapi'

const codePoints = (text: string) => [...text].length

/**
 * Text written by people: Unicode without lone surrogates or NUL. Its length is counted in code points, as in JSON Schema
 * (`z.string().max` counts UTF-16 units and would reject what the document allows). `plain` is applied before.
 */
export const text = (min: number, max: number, plain = (value: string) => value) =>
  z
    .string()
    .overwrite(plain)
    .superRefine((value, ctx) => {
      if (!value.isWellFormed() || value.includes('\0'))
        return ctx.addIssue({ code: 'custom', message: 'Must be Unicode text without lone surrogates or U+0000.' })
      const length = codePoints(value)
      if (length > max)
        ctx.addIssue({ code: 'too_big', origin: 'string', maximum: max, message: `At most ${max} characters.` })
      if (length < min)
        ctx.addIssue({ code: 'too_small', origin: 'string', minimum: min, message: `At least ${min} characters.` })
    })
    .openapi({ ...(min > 0 && { minLength: min }), maxLength: max })

/** Refuses what `misleading` finds in a text that others will see. For input only: what is stored stays readable. */
export const unmisleading = <S extends z.ZodString>(schema: S, misleading: (value: string) => string | null) =>
  schema.superRefine((value, ctx) => {
    const message = misleading(value)
    if (message) ctx.addIssue({ code: 'custom', message })
  })
