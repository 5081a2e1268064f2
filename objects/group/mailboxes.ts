import type { AddAnswer, Nudge, NudgeAnswer } from './shapes'

/** How a group calls mailboxes. */
export interface Mailboxes {
  getByName: (userId: string) => {
    nudge: (nudge: Nudge) => Promise<NudgeAnswer>
    mayBeAdded: (by: string, hasLeft: boolean) => Promise<AddAnswer>
    mayJoin: () => Promise<AddAnswer>
    signalInGroup: (groupId: string, from: string) => Promise<void>
  }
}
