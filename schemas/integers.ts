import { z } from '@hono/zod-openapi'

/** In the document, each integer has its width: generators of many languages take 32 bits for one without. */

/** Bytes: a file can have more than 2 GiB. */
export const bytes = () => z.int().min(0).openapi({ format: 'int64' })

export const count = () => z.int().min(0).openapi({ format: 'int32' })
