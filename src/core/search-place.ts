import { idPattern, idPrefixes } from './ids'

/**
 * Where a page of a search in all chats begins. As text: the id before which it goes on, empty once everything was
 * searched; then, of each group that did not answer, the group and the id before which it is still to be searched.
 */
export interface SearchPlace {
  before: string
  missed: MissedGroup[]
}

export interface MissedGroup {
  groupId: string
  before: string
}

/** Sorts after every id. */
const afterAll = '~'

const bare = (id: string) => id.slice(id.indexOf('_') + 1)

export const toSearchPlace = ({ before, missed }: SearchPlace): string =>
  [before, ...missed.map(({ groupId, before }) => `${bare(groupId)}.${bare(before)}`)].join('/')

const ulid = idPattern('message').slice(1 + idPrefixes.message.length, -1)

/** A regular expression source that matches whole places. */
export const searchPlacePattern = `^(?:${idPrefixes.message}${ulid}|~|(?=/))(?:/${ulid}\\.(?:${ulid}|~))*$`

/** The place that a text names; null is the beginning. */
export function parseSearchPlace(text: string | null): SearchPlace {
  const [before = '', ...missed] = (text ?? afterAll).split('/')
  return {
    before,
    missed: missed.map((one) => {
      const [group = '', id = ''] = one.split('.')
      return { groupId: idPrefixes.group + group, before: id === afterAll ? id : idPrefixes.message + id }
    }),
  }
}
