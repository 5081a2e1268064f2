import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import { problem } from '../core/errors'
import { readConfig } from '../settings/config'
import { isLinkValid } from '../settings/file-links'
import type { AppEnv } from './app-env'
import { bearerSession } from './session-guard'

function isLinked(c: Context<AppEnv>): boolean {
  const { expires = '', signature = '' } = c.req.query()
  if (!/^[1-9]\d{0,11}$/.test(expires) || signature === '') return false
  return isLinkValid(readConfig(c.env), c.req.param('fileId') ?? '', Number(expires), signature, Date.now())
}

/**
 * Admits a signed link to the file in the path without a session, and otherwise requires an access token. A broken or
 * expired link reveals nothing, not even whether the file exists.
 */
export const linkGuard = createMiddleware<AppEnv>(async (c, next) => {
  if (isLinked(c)) return next()
  const triesLink = c.req.query('signature') !== undefined || c.req.query('expires') !== undefined
  if (triesLink && !c.req.header('Authorization')) throw problem('file_not_found')
  c.set('session', await bearerSession(c))
  await next()
})
