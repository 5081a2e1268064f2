import { limits } from './limits'

/**
 * What the edge knows about the connection of a request. Cloudflare sets the header and `cf`; the client can set neither.
 * Fields are undefined where the edge does not know, and mostly so locally.
 */
export const edgeMetadata = (request: Request): Partial<IncomingRequestCfProperties> & { ip: string | undefined } => ({
  ...request.cf,
  ip: request.headers.get('CF-Connecting-IP') ?? undefined,
})

/** Where a session was last used; null where the edge does not say. */
export interface Place {
  /** ISO 3166-1 alpha-2, or `T1` for Tor. */
  country: string | null
  city: string | null
  /** Owner of the autonomous system. */
  network: string | null
}

const bounded = (fact: string | null | undefined, charactersMax: number) =>
  [...(fact ?? '')].slice(0, charactersMax).join('') || null

/** Where a request comes from, in words by which a user knows a place; bounded, because it is kept. */
export function placeOf(request: Request): Place {
  const { country, city, asOrganization } = edgeMetadata(request)
  return {
    country: bounded(country, limits.countryCharactersMax),
    city: bounded(city, limits.cityCharactersMax),
    network: bounded(asOrganization, limits.networkCharactersMax),
  }
}
