import { z } from '@hono/zod-openapi'

const codePoints = (text: string) => [...text].length

/**
 * Text that people wrote: Unicode without lone surrogates and without NUL, counted in code points, as JSON Schema
 * counts (`z.string().max` counts UTF-16 units and would refuse what the document allows).
 */
export const text = (min: number, max: number) =>
  z
    .string()
    .superRefine((value, ctx) => {
      if (!value.isWellFormed() || value.includes('\0'))
        return ctx.addIssue({ code: 'custom', message: 'Unicode text without lone surrogates and without U+0000.' })
      const length = codePoints(value)
      if (length > max)
        ctx.addIssue({ code: 'too_big', origin: 'string', maximum: max, message: `At most ${max} characters.` })
      if (length < min)
        ctx.addIssue({ code: 'too_small', origin: 'string', minimum: min, message: `At least ${min} characters.` })
    })
    .openapi({ ...(min > 0 && { minLength: min }), maxLength: max })
