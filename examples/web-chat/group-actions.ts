import type { ApiClient } from '../typescript/client'
import { answer } from '../typescript/problem'
import type { AddedMembers, CreatedGroup, GroupRole } from '../typescript/schema'
import { orTell, succeeds } from './or-tell'
import type { People } from './people'
import { toasts } from './toasts'

const addedAtOnce = 32

const path = '/v1/groups/{groupId}'
const members = '/v1/groups/{groupId}/members'
const member = '/v1/groups/{groupId}/members/{userId}'

/** Actions on a group and its members. */
export class GroupActions {
  readonly #http: ApiClient['http']
  readonly #people: People

  constructor({ http }: Pick<ApiClient, 'http'>, people: People) {
    this.#http = http
    this.#people = people
  }

  /** Rejects if the group cannot be created. `clientGroupId` makes repeating it create no second one. */
  async create(title: string, userIds: string[], clientGroupId: string): Promise<CreatedGroup> {
    const [first, rest] = [userIds.slice(0, addedAtOnce), userIds.slice(addedAtOnce)]
    const created = await answer(this.#http.POST('/v1/groups', { body: { clientGroupId, title, memberIds: first } }))
    this.#tell(created)
    if (rest.length > 0) await this.add(created.chat.id, rest)
    return created
  }

  /** Adds users, and tells of those who could not be added. */
  async add(groupId: string, userIds: string[]) {
    for (let at = 0; at < userIds.length; at += addedAtOnce) {
      const body = { userIds: userIds.slice(at, at + addedAtOnce) }
      const added = await orTell(answer(this.#http.POST(members, { params: { path: { groupId } }, body })))
      if (!added) return
      this.#tell(added)
    }
  }

  /** Resolves to whether it succeeded. */
  rename(groupId: string, title: string) {
    return succeeds(answer(this.#http.PATCH(path, { params: { path: { groupId } }, body: { title } })))
  }

  setRole(groupId: string, userId: string, role: GroupRole) {
    return succeeds(answer(this.#http.PATCH(member, { params: { path: { groupId, userId } }, body: { role } })))
  }

  remove(groupId: string, userId: string) {
    return succeeds(answer(this.#http.DELETE(member, { params: { path: { groupId, userId } } })))
  }

  leave(groupId: string) {
    return succeeds(answer(this.#http.POST(`${path}/leave`, { params: { path: { groupId } } })))
  }

  #tell({ toInvite, unreachable }: Pick<AddedMembers, 'toInvite' | 'unreachable'>) {
    const missing = [...toInvite, ...unreachable]
    if (missing.length > 0) toasts.show(`${this.#people.list(missing)} could not be added.`)
  }
}
