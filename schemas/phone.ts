import { z } from '@hono/zod-openapi'
import { limits } from '../src/core/limits'

/** A number as somebody wrote it; whether it is one, the handler says with a 422. */
export const PhoneInput = z
  .string()
  .min(1)
  .max(limits.phoneInputCharactersMax)
  .openapi({ description: 'E.164, or the national form together with `region`.', example: '+351912345678' })

export const Region = z
  .string()
  .regex(/^[A-Z]{2}$/, { message: 'Two capital letters (ISO 3166-1 alpha-2).' })
  .openapi('Region', {
    description: 'ISO 3166-1 alpha-2: where numbers in national form belong.',
    example: 'PT',
  })
