/** What distinguishes the states of a stored representation (RFC 9110, section 8.8). */
export interface Validators {
  /** A strong entity tag, including its quotes. */
  etag: string
  lastModified: Date
}

export type Verdict = 'proceed' | 'not_modified' | 'failed'

// One element of a list of entity tags (section 8.8.3); a comma inside the quotes belongs to the tag.
const listedTag = /(?:^|,)[ \t]*((?:W\/)?"[!#-~\u0080-\u00ff]*")[ \t]*(?=,|$)/g

const tagsIn = (list: string) => [...list.matchAll(listedTag)].flatMap(([, tag]) => tag ?? [])

/** Whether a list of entity tags, or `*`, matches a tag (section 13.1.2 compares weakly, 13.1.1 strongly). */
export const isListed = (list: string, etag: string, compare: 'strong' | 'weak') =>
  list.trim() === '*' || tagsIn(list).some((tag) => (compare === 'weak' ? tag.replace(/^W\//, '') : tag) === etag)

/**
 * Returns the strong entity tags of an `If-Match` header (section 13.1.1), or `any` for `*` and for a missing header.
 */
export function matchedTags(ifMatch: string | null | undefined): string[] | 'any' {
  if (ifMatch === null || ifMatch === undefined || ifMatch.trim() === '*') return 'any'
  return tagsIn(ifMatch).filter((tag) => !tag.startsWith('W/'))
}

// The three formats of section 5.6.7. `Date.parse` alone accepts much that is not an HTTP date.
const httpDate =
  /^(?:[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT|[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4})$/

/** Returns epoch seconds, or undefined for anything that is not an HTTP date and must be ignored. */
function parseDate(text: string | null): number | undefined {
  if (text === null || !httpDate.test(text)) return undefined
  const parsed = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`)
  return Number.isNaN(parsed) ? undefined : parsed / 1000
}

const seconds = (date: Date) => Math.floor(date.getTime() / 1000)

/**
 * Evaluates the preconditions of a GET or HEAD request for something that exists, in the order of RFC 9110, section
 * 13.2.2.
 */
export function evaluateConditions(headers: Headers, { etag, lastModified }: Validators): Verdict {
  const ifMatch = headers.get('If-Match')
  const unmodifiedSince = parseDate(headers.get('If-Unmodified-Since'))
  if (ifMatch !== null) {
    if (!isListed(ifMatch, etag, 'strong')) return 'failed'
  } else if (unmodifiedSince !== undefined && seconds(lastModified) > unmodifiedSince) return 'failed'

  const ifNoneMatch = headers.get('If-None-Match')
  if (ifNoneMatch !== null) return isListed(ifNoneMatch, etag, 'weak') ? 'not_modified' : 'proceed'
  const modifiedSince = parseDate(headers.get('If-Modified-Since'))
  return modifiedSince !== undefined && seconds(lastModified) <= modifiedSince ? 'not_modified' : 'proceed'
}

/**
 * Whether a range still belongs to the representation that the client has a part of (section 13.1.5). A date is as good
 * as a tag: the bytes under a file's id never change, which makes `Last-Modified` a strong validator here (section
 * 8.8.2.2).
 */
export function isRangeCurrent(headers: Headers, { etag, lastModified }: Validators): boolean {
  const ifRange = headers.get('If-Range')
  if (ifRange === null) return true
  return ifRange === etag || parseDate(ifRange) === seconds(lastModified)
}
