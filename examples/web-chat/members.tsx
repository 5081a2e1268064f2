import { useState } from 'preact/hooks'
import type { Group, GroupMember } from '../typescript/schema'
import type { Account } from './account'
import { Avatar } from './avatar'
import { Confirm } from './confirm'
import { isolated } from './direction'
import { Menu } from './menu'

const roleNames: Record<string, string> = { owner: 'Owner', admin: 'Admin' }

interface MemberProps {
  account: Account
  groupId: string
  group: Group
  member: GroupMember
}

/** What the user may do with another member. */
function rightsOver({ account, group, member }: MemberProps) {
  const isMe = account.people.isMe(member.user.id)
  const isOwner = group.role === 'owner' && !isMe
  return { setRole: isOwner, remove: isOwner || (group.role === 'admin' && member.role === 'member' && !isMe) }
}

function MemberActions({ account, groupId, group, member }: MemberProps) {
  const [asked, setAsked] = useState<'remove' | 'hand over'>()
  const { groupActions } = account
  const { id } = member.user
  const { name } = account.people.of(id)
  const may = rightsOver({ account, groupId, group, member })
  if (!may.remove) return null
  const isAdmin = member.role === 'admin'
  return (
    <>
      <Menu label={`Actions for ${name}`}>
        {may.setRole && (
          <>
            <button type="button" onClick={() => void groupActions.setRole(groupId, id, isAdmin ? 'member' : 'admin')}>
              {isAdmin ? 'No longer admin' : 'Make admin'}
            </button>
            <button type="button" onClick={() => setAsked('hand over')}>
              Make owner…
            </button>
          </>
        )}
        <button type="button" onClick={() => setAsked('remove')}>
          Remove from group…
        </button>
      </Menu>
      {asked === 'remove' && (
        <Confirm
          title={`Remove ${isolated(name)}?`}
          action="Remove"
          onConfirm={() => void groupActions.remove(groupId, id)}
          onClose={() => setAsked(undefined)}
        >
          They lose the group and its messages. What they wrote stays.
        </Confirm>
      )}
      {asked === 'hand over' && (
        <Confirm
          title={`Make ${isolated(name)} the owner?`}
          action="Make owner"
          onConfirm={() => void groupActions.setRole(groupId, id, 'owner')}
          onClose={() => setAsked(undefined)}
        >
          You become an admin. Only the new owner can undo this.
        </Confirm>
      )}
    </>
  )
}

function Member(props: MemberProps) {
  const { account, member } = props
  const { id } = member.user
  const { name, avatarUrl } = account.people.of(id)
  const isMe = account.people.isMe(id)
  return (
    <li class="member">
      <Avatar id={id} name={isMe ? account.people.ownName() : name} url={avatarUrl} />
      <span class="row-text">
        <span class="row-name" dir="auto">
          {isMe ? 'You' : name}
        </span>
        {roleNames[member.role] && <span class="row-summary">{roleNames[member.role]}</span>}
      </span>
      <MemberActions {...props} />
    </li>
  )
}

export function Members({ account, groupId, group }: Omit<MemberProps, 'member'>) {
  return (
    <>
      <h3 id="members">Members ({group.memberCount})</h3>
      <ul class="members" aria-labelledby="members">
        {account.groups.membersOf(groupId).map((member) => (
          <Member key={member.user.id} {...{ account, groupId, group, member }} />
        ))}
      </ul>
    </>
  )
}
