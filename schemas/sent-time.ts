import { z } from '@hono/zod-openapi'

const leapSecond = /:60(?=[.Z+-])/

/**
 * A time that a client sends, with any offset. RFC 3339 allows small letters, and a leap second, which is taken for the
 * second before it.
 */
export const sentTime = () =>
  z.preprocess(
    (time) => (typeof time === 'string' ? time.toUpperCase().replace(leapSecond, ':59') : time),
    z.iso.datetime({ offset: true }),
  )
