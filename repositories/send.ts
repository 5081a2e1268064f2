import type { Channel } from '../schemas/authentication'
import type { TrustLevel } from '../src/settings/send-budgets'
import type { SendKeys } from '../src/settings/send-keys'

/** The sending of a code, as the budgets count it. */
export interface Send {
  /** The id of the verification. */
  id: string
  keys: SendKeys
  channel: Channel
  trust: TrustLevel
  /** Keys of the client's own id of the request, the current key first. Empty if the client gave none. */
  requestKeys: string[]
  /** Epoch milliseconds. */
  now: number
}
