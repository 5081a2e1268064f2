import { z } from '@hono/zod-openapi'
import { limits } from '../src/core/limits'
import { text } from './text'

/** A number as someone typed or pasted it. The handler rejects an invalid one with a 422. */
export const PhoneInput = text(1, limits.phoneInputCharactersMax).openapi({
  description:
    'E.164 format, or national format together with `region`, as people type or paste it: with spaces, brackets, hyphens, marks of direction, or `tel:` in front, in the digits of any script.',
  example: '+351912345678',
})

export const Region = z
  .string()
  .regex(/^[A-Za-z]{2}$/, { message: 'Must be two letters (ISO 3166-1 alpha-2).' })
  .openapi('Region', {
    description: 'ISO 3166-1 alpha-2, in capital or small letters: the region of numbers in national format.',
    example: 'PT',
  })
