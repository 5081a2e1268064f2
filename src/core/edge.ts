import { limits } from './limits'

/**
 * What the edge knows about the connection of a request. Cloudflare sets the header and `cf`; the client can set
 * neither. Fields that the edge does not know are undefined, as most are locally.
 */
export const edgeMetadata = (request: Request): Partial<IncomingRequestCfProperties> & { ip: string | undefined } => ({
  ...request.cf,
  ip: clientAddress(request),
})

/** The address of the client, as the edge reports it. */
export const clientAddress = (request: Request): string | undefined =>
  request.headers.get('CF-Connecting-IP') ?? undefined

/** Where a session was last used. Fields that the edge does not provide are null. */
export interface Place {
  /** ISO 3166-1 alpha-2, or `T1` for Tor. */
  country: string | null
  city: string | null
  /** The owner of the autonomous system. */
  network: string | null
}

const bounded = (fact: string | null | undefined, charactersMax: number) =>
  [...(fact ?? '')].slice(0, charactersMax).join('') || null

/**
 * Returns where a request comes from, in words by which a user recognizes a place. Lengths are bounded, because the
 * result is stored.
 */
export function placeOf(request: Request): Place {
  const { country, city, asOrganization } = edgeMetadata(request)
  return {
    country: bounded(country, limits.countryCharactersMax),
    city: bounded(city, limits.cityCharactersMax),
    network: bounded(asOrganization, limits.networkCharactersMax),
  }
}
