import { idTime, mintId } from '../../../src/core/ids'
import type { GroupContext } from '../context'

/** Mints an id later than any in the group, even if the clock went back: all members see one order. */
export function mintMessageId({ facts, now }: GroupContext): string {
  const { row } = facts
  const earliest = row.greatest_id === '' ? 0 : idTime(row.greatest_id) + 1
  const id = mintId('message', Math.max(now, earliest))
  facts.save({ ...row, greatest_id: id })
  return id
}
