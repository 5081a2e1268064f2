import { z } from '@hono/zod-openapi'
import { limits } from '../src/core/limits'

/** A number as someone typed it. The handler rejects an invalid one with a 422. */
export const PhoneInput = z
  .string()
  .min(1)
  .max(limits.phoneInputCharactersMax)
  .openapi({ description: 'E.164 format, or national format together with `region`.', example: '+351912345678' })

export const Region = z
  .string()
  .regex(/^[A-Z]{2}$/, { message: 'Must be two capital letters (ISO 3166-1 alpha-2).' })
  .openapi('Region', {
    description: 'ISO 3166-1 alpha-2: the region of numbers in national format.',
    example: 'PT',
  })
