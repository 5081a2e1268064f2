import type { GroupFacts, GroupPicture, GroupSettings } from '../../../src/core/group'
import { RowCache } from '../../durable/row-cache'

/** The one row of a group. Every change writes it, so it holds the numbers of changes. */
export type FactsRow = {
  id: number
  /** The number of the last change. */
  seq: number
  /** The number of the last change that all members see. */
  common_seq: number
  /** Members who are told of changes know of those up to here, of those that all see up to `told_common`. */
  told: number
  told_common: number
  /** When the last change was (epoch milliseconds). */
  changed_at: number
  /** How far the search index is, as JSON; null before it has begun. */
  search: string | null
  title: string
  about: string | null
  /** JSON of `GroupPicture`; null if there is none. */
  picture: string | null
  /** JSON of `GroupSettings`. */
  settings: string
  created_by: string
  created_at: number
  /** The greatest message id. */
  greatest_id: string
  /** How many users are banned. */
  ban_count: number
  /** 1 after the storage was restored from a backup, until the group goes on from there. */
  restored: number
  /** How many have asked to become members. */
  join_request_count: number
  /** When the last membership ended (epoch milliseconds), and with it the group; null before. */
  ended_at: number | null
}

const columns = [
  'id',
  'seq',
  'common_seq',
  'told',
  'told_common',
  'changed_at',
  'search',
  'title',
  'about',
  'picture',
  'settings',
  'created_by',
  'created_at',
  'greatest_id',
  'ban_count',
  'restored',
  'join_request_count',
  'ended_at',
] as const satisfies (keyof FactsRow)[]

export class Facts extends RowCache<FactsRow> {
  constructor(sql: SqlStorage) {
    super(sql, { table: 'facts', key: 'id', columns, isLarge: false })
  }

  /** Throws for an object that is no group. */
  get row(): FactsRow {
    const row = this.find(1)
    if (!row) throw new Error('There is no such group')
    return row
  }
}

export const settingsOf = ({ settings }: FactsRow): GroupSettings => JSON.parse(settings)

export const pictureOf = ({ picture }: FactsRow): GroupPicture | null => (picture === null ? null : JSON.parse(picture))

export const toFacts = (groupId: string, row: FactsRow, memberCount: number): GroupFacts => ({
  id: groupId,
  title: row.title,
  about: row.about,
  avatarFileId: pictureOf(row)?.file.fileId ?? null,
  settings: settingsOf(row),
  memberCount,
  createdAt: row.created_at,
})
