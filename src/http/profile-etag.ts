import type { Expected } from '../../repositories/users'
import { matchedTags } from '../core/preconditions'
import type { OwnProfile } from '../core/profile'

/** A user's record as an entity tag. The tag includes the user id, so that no tag of another account ever matches. */
const tagOf = (userId: string, revision: number) => `"${userId}.${revision}"`

export const etagOf = ({ profile, revision }: OwnProfile) => ({ ETag: tagOf(profile.id, revision) })

const revisionIn = /\.([1-9]\d{0,14})"$/

/** Returns the revisions of a user's record that an `If-Match` header allows, or null if it allows any. */
export function expectedRevisions(ifMatch: string | undefined, userId: string): Expected {
  const tags = matchedTags(ifMatch)
  if (tags === 'any') return null
  return tags.flatMap((tag) => {
    const revision = Number(revisionIn.exec(tag)?.[1])
    return tag === tagOf(userId, revision) ? [revision] : []
  })
}

const header = {
  schema: { type: 'string' as const, example: '"usr_01KAT5K6ZQ8Q4V3N7B2YH1M0XC.4"' },
  description:
    'Identifies this state of the profile, for `If-Match`. Fresh links to the same picture do not change it.',
}

export const etagHeader = { ETag: header }
