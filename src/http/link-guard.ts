import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import { problem } from '../core/errors'
import { readConfig } from '../settings/config'
import { isLinkValid } from '../settings/file-links'
import type { AppEnv } from './app-env'
import { bearerSession } from './session-guard'

/** Returns for whom the signed link of a request was made (null for anyone), or undefined if there is no valid link. */
function readerOf(c: Context<AppEnv>): string | null | undefined {
  const { expires = '', signature = '', reader: readerId = null, chatId } = c.req.query()
  if (!/^[1-9]\d{0,11}$/.test(expires) || signature === '') return undefined
  const link = { expires: Number(expires), readerId, ...(readerId !== null && { chatId }) }
  const isValid = isLinkValid(readConfig(c.env), c.req.param('fileId') ?? '', link, signature, Date.now())
  return isValid ? readerId : undefined
}

/**
 * Admits a signed link to the file in the path without a session, and otherwise requires an access token. A broken or
 * expired link reveals nothing, not even whether the file exists.
 */
export const linkGuard = createMiddleware<AppEnv>(async (c, next) => {
  const reader = readerOf(c)
  c.set('linkReader', reader)
  if (reader !== undefined) return next()
  const triesLink = c.req.query('signature') !== undefined || c.req.query('expires') !== undefined
  if (triesLink && !c.req.header('Authorization')) throw problem('file_not_found')
  c.set('session', await bearerSession(c))
  await next()
})
