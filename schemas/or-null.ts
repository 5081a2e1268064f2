import { z } from '@hono/zod-openapi'

/**
 * A named component or null. In the document, `.nullable()` would become an `allOf` of the component and a wider type,
 * which null can never satisfy.
 */
export const orNull = <S extends z.ZodType>(schema: S) => z.union([schema, z.null()])
