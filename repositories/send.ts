import type { Channel } from '../schemas/authentication'
import type { TrustLevel } from '../src/settings/send-budgets'
import type { SendKeys } from '../src/settings/send-keys'

/** The sending of a code, as the budgets count it. */
export interface Send {
  /** The verification's. */
  id: string
  keys: SendKeys
  channel: Channel
  trust: TrustLevel
  /** Of the client's own id of the request; the present one first. None where it gave none. */
  requestKeys: string[]
  /** Epoch milliseconds. */
  now: number
}
