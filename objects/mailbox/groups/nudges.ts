import { limits } from '../../../src/core/limits'
import type { AddAnswer, Nudge, NudgeAnswer } from '../../group/shapes'
import { isInAudience } from '../contacts/audiences'
import type { MailboxContext } from '../context'
import type { MailboxStore } from '../store'
import * as contacts from '../tables/contacts'
import { actorOf } from './actor'
import type { GroupChecks } from './checks'
import { enter, exit } from './rows'

interface Dependencies {
  store: MailboxStore
  checks: GroupChecks
  /** Whether a socket is open. */
  isLive: () => boolean
  /** Shows a change to those who are looking. */
  show: (nudge: Extract<Nudge, { kind: 'in' }>) => void
}

/** Takes from a group that something has changed for the owner. Written is only that, and only once until it is asked for. */
export function receiveNudge({ store, checks, isLive, show }: Dependencies, nudge: Nudge): NudgeAnswer {
  if (!store.isLive || store.isGone) return { gone: true }
  const { groupId, since } = nudge
  if (nudge.kind === 'out') {
    if (since > (store.groups.find(groupId)?.since ?? 0)) store.write((context) => exit(context, groupId, since))
    return { again: false, live: isLive() }
  }
  const known = store.groups.find(groupId)
  const isFresh = known?.state !== 'in' || since > known.since
  if (known && known.state !== 'creating' && (since < known.since || (known.state === 'left' && since <= known.since)))
    return { again: true, live: isLive() }
  if (isFresh) store.write((context) => enter(context, groupId, since, nudge.profileRevision))
  const row = store.groups.member(groupId)
  if (!row) return { again: true, live: isLive() }
  checks.told(groupId, nudge.seq)
  const isNews = nudge.seq > row.checked || isFresh
  if (isNews && row.dirty === 0) store.write(({ groups }) => groups.save({ ...row, dirty: 1 }))
  if (isNews) show(nudge)
  const isKnownToChange = isNews || row.dirty === 1
  return { again: isLive() || !isKnownToChange || checks.isChecking(groupId), live: isLive() }
}

/** Whether the owner, who has asked for it, can become a member of a group. */
export function mayJoin(context: MailboxContext): AddAnswer {
  const actor = actorOf(context)
  return actor && context.groups.joined().length < limits.groupsMax ? { ok: true, actor } : { ok: false }
}

/**
 * Whether somebody may make the owner a member of a group, which the owner may have left themselves: then it takes a
 * contact, so that nobody has to leave a group again and again. Nobody learns why not.
 */
export function mayBeAdded(context: MailboxContext, by: string, hasLeft: boolean): AddAnswer {
  const actor = actorOf(context)
  const isAllowed = isInAudience(context, by, 'groupAddsAudience') && (!hasLeft || contacts.isSaved(context.sql, by))
  const hasRoom = context.groups.joined().length < limits.groupsMax
  return actor && isAllowed && hasRoom && !context.blocks.isBlocked(by) ? { ok: true, actor } : { ok: false }
}
