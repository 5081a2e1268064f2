import { idPattern } from './ids'

/** An invitation to a group as people pass it on: the group, and a secret that only the group can check. */
interface InviteCode {
  groupId: string
  secret: string
}

/** A regular expression source that matches whole codes: the secret is 128 random bits in base64url. */
export const inviteCodePattern = `${idPattern('group').slice(0, -1)}\\.[A-Za-z0-9_-]{22}$`

export const toInviteCode = ({ groupId, secret }: InviteCode): string => `${groupId}.${secret}`

/** The parts of a code that matches the pattern. */
export function readInviteCode(code: string): InviteCode {
  const dot = code.indexOf('.')
  return { groupId: code.slice(0, dot), secret: code.slice(dot + 1) }
}
