import { edgeMetadata } from '../../core/edge'
import { type Config, readConfig } from '../../settings/config'

/** What sending and proving codes needs, for one request. */
export interface VerificationContext {
  config: Config
  db: D1Database
  /** The URL of the request. */
  url: string
  edge: ReturnType<typeof edgeMetadata>
}

export const verificationContext = (c: { env: Env; req: { url: string; raw: Request } }): VerificationContext => ({
  config: readConfig(c.env),
  db: c.env.DB,
  url: c.req.url,
  edge: edgeMetadata(c.req.raw),
})
