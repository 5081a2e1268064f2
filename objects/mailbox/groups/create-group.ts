import { createHash } from 'node:crypto'
import type { GroupDraft } from '../../../schemas/group'
import { mintId } from '../../../src/core/ids'
import { limits } from '../../../src/core/limits'
import { done, type Outcome, refuse } from '../../durable/outcome'
import type { Actor } from '../../group/shapes'
import type { CallerContext, MailboxContext } from '../context'
import { spend } from '../limits/quotas'
import { type GroupRow, newGroupRow } from '../tables/groups'
import { actorOf } from './actor'

/** Without what is undefined. */
export const defined = <T extends object>(value: T) =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>
  }

const hashOf = ({ clientGroupId: _, ...asked }: GroupDraft) =>
  createHash('sha256').update(JSON.stringify(asked)).digest('base64url')

interface Begun {
  groupId: string
  actor: Actor
}

/** Gives a group its id, once for each client id, before anything else knows of it. */
export function begin(context: CallerContext, input: GroupDraft): Outcome<Begun> {
  const { groups, quotas, now } = context
  const actor = actorOf(context)
  if (!actor) return refuse('service_unavailable')
  const known = groups.byClientId(input.clientGroupId)
  const request_hash = hashOf(input)
  if (known && known.request_hash !== request_hash) return reused
  if (known) return done({ groupId: known.group_id, actor })
  if (groups.joined().length >= limits.groupsMax) return refuse('groups_full')
  const refused = spend(context, quotas.newGroups, 1)
  if (refused) return { ok: false, code: 'new_groups_exhausted', retryAfterSeconds: refused.afterSeconds }
  const group_id = mintId('group', now)
  const row: GroupRow = { ...newGroupRow(group_id), client_group_id: input.clientGroupId, request_hash }
  groups.save({ ...row, state: 'creating' })
  return done({ groupId: group_id, actor })
}

const reused = refuse('client_group_id_reused', [
  { pointer: '/clientGroupId', code: 'client_group_id_reused', detail: 'It was already used for another group.' },
])

/** Charges for users that are added to a group. */
export function chargeAdds(context: MailboxContext, count: number): Outcome<null> {
  const refused = spend(context, context.quotas.groupAdds, count)
  return refused ? { ok: false, code: 'group_adds_exhausted', retryAfterSeconds: refused.afterSeconds } : done(null)
}
