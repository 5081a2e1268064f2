import { edgeFacts } from '../../core/edge'
import { type Config, readConfig } from '../../settings/config'

/** Where codes are sent from and proven, for one request. */
export interface Desk {
  config: Config
  db: D1Database
  /** Of the request. */
  url: string
  edge: ReturnType<typeof edgeFacts>
}

export const deskOf = (c: { env: Env; req: { url: string; raw: Request } }): Desk => ({
  config: readConfig(c.env),
  db: c.env.DB,
  url: c.req.url,
  edge: edgeFacts(c.req.raw),
})
