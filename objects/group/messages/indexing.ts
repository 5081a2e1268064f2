import { limits } from '../../../src/core/limits'
import type { Place } from '../../durable/newest-first'
import { type IndexContext, type IndexedSource, refresh } from '../../durable/search-index'
import type { GroupContext } from '../context'
import { at, type GroupMessageRow, idsChangedAfter, newestIds } from '../tables/messages'

/**
 * The search index of a group: once for all members, of all texts. What a member may see is decided when they search.
 * Sending writes nothing to it: the alarm, which every change sets, takes what is new, and so does a search.
 */

const textOf = ({ event, deleted_at, text }: GroupMessageRow) => (event === null && deleted_at === null ? text : '')

/**
 * What changed after a number. Messages that one change has stamped are taken together, because the index knows only how
 * far it has come.
 */
function changedAfter(sql: SqlStorage, seq: number, limit: number) {
  for (let most = limit + limits.groupRowsPerChangeMax; ; most *= 2) {
    const changed = idsChangedAfter(sql, seq, most)
    if (changed.length < most) return { ids: changed.map(({ id }) => id), upTo: null }
    const whole = changed.filter((one) => one.seq !== changed.at(-1)?.seq)
    const upTo = whole.at(-1)?.seq
    if (upTo !== undefined) return { ids: whole.map(({ id }) => id), upTo }
  }
}

function sourceOf({ groupId, sql }: GroupContext): IndexedSource<GroupMessageRow> {
  const toPlace = (id: string): Place => ({ chatId: groupId, id })
  return {
    chatIds: () => [groupId],
    some: (chatIds, stretch, limit) => (chatIds.length > 0 ? newestIds(sql, stretch, limit).map(toPlace) : []),
    latest: (chatIds, stretch) => (chatIds.length > 0 ? newestIds(sql, stretch, 1).map(toPlace) : []),
    newest: (_, stretch, limit) => newestIds(sql, stretch, limit),
    rows: (places) =>
      at(
        sql,
        places.map(({ id }) => id),
      ),
    changedAfter: (seq, limit) => {
      const { ids, upTo } = changedAfter(sql, seq, limit)
      return { places: ids.map(toPlace), upTo }
    },
    placeOf: ({ id }) => toPlace(id),
    textOf,
    seqOf: ({ seq }) => seq,
  }
}

export const indexOf = (context: GroupContext): IndexContext<GroupMessageRow> => ({
  ...context,
  sequence: { last: context.facts.row.seq },
  source: sourceOf(context),
  progress: context.searchProgress,
})

/** Indexes the next slice. */
export const continueIndexing = (context: GroupContext) =>
  refresh(indexOf(context), { messages: limits.searchAlarmMessages, bytes: limits.searchAlarmBytes })

/**
 * Takes what is new into the index, before a search. What there is no time for is marked, and the search reads it message
 * by message. Returns whether all of it was taken.
 */
export function bringUpToDate(index: IndexContext<GroupMessageRow>): boolean {
  refresh(index, { messages: limits.searchFirstMessages, bytes: limits.searchFirstBytes })
  for (let slice = 1; slice < limits.groupSearchSlicesMax && index.progress.dueAt !== null; slice++)
    refresh(index, { messages: 0, bytes: 0 })
  return index.progress.dueAt === null
}

/** Has the index forget the words of a message, as it was before this block changed it. */
export function forgetWords(context: GroupContext, { seq }: GroupMessageRow) {
  if (seq <= context.searchProgress.seq) context.searchProgress.hurry(context)
}
