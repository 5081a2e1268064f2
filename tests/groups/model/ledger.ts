import { always, begin, end, type Span } from '../../model/time'
import { Register } from './register'

/** What a user has done to a message for themselves. */
interface Hiding {
  userId: string
  span: Span
  isSure: boolean
}

/** What was done to a message, by whomever. */
export interface MessageNotes {
  /** Edits alone. */
  text: Register<string>
  deleted: Register<boolean>
  reactions: Map<string, Register<boolean>>
  hidings: Hiding[]
}

/** A message that somebody has sent, or has tried to send. */
export interface Entry {
  senderId: string
  clientMessageId: string
  body: { text: string; mentions: string[]; replyToId?: string }
  /** Null unless it was acknowledged. */
  id: string | null
  /** When it was first tried, and the call that was acknowledged. */
  span: Span
  acknowledged: Span | null
}

/** The settings of a group that the model changes. */
export type Setting = 'title' | 'historyVisible' | 'addBy'

/** What acknowledged calls have made of a group. Those without an answer may have been carried out until a phase ends. */
export class Ledger {
  readonly entries: Entry[] = []
  readonly messages = new Map<string, MessageNotes>()
  readonly members = new Map<string, Register<boolean>>()
  readonly settings = {
    title: new Register<string>(),
    historyVisible: new Register<string>(),
    addBy: new Register<string>(),
  }
  readonly muted = new Map<string, Register<boolean>>()
  /** Acknowledged read marks, and calls that have cleared the chat. */
  readonly marks: { userId: string; id: string; span: Span }[] = []
  readonly clears: Hiding[] = []
  #open: Span[] = []

  /** A group of these users, as it begins. */
  constructor(userIds: readonly string[], title: string) {
    const { settings } = this
    settings.title.write(title, always, true)
    settings.historyVisible.write('all', always, true)
    settings.addBy.write('members', always, true)
    for (const userId of userIds) {
      this.membership(userId).write(true, always, true)
      this.mute(userId).write(false, always, true)
    }
  }

  membership = (userId: string) => registerIn(this.members, userId)
  mute = (userId: string) => registerIn(this.muted, userId)

  /** What was done to a message. */
  notesOf(messageId: string): MessageNotes {
    const known = this.messages.get(messageId)
    if (known) return known
    const notes: MessageNotes = {
      ...{ text: new Register<string>(), deleted: new Register<boolean>(), reactions: new Map(), hidings: [] },
    }
    notes.deleted.write(false, always, true)
    this.messages.set(messageId, notes)
    return notes
  }

  /** Begins a call. */
  begin(): Span {
    const span = begin()
    this.#open.push(span)
    return span
  }

  /** The call was answered: it was carried out, or refused. */
  answered(span: Span) {
    this.#open = this.#open.filter((one) => one !== span)
    end(span)
  }

  /** Nothing that was asked for is still on its way. */
  endPhase() {
    for (const span of this.#open.splice(0)) end(span)
  }

  /** Whether a user may have left since a span: then what they hid and read counts no more. */
  mayHaveLeftSince(userId: string, span: Span): boolean {
    return this.membership(userId).mayBecomeSince(false, span)
  }
}

/** Whether a user reacts to a message: at first they do not. */
export function reactionOf({ reactions }: MessageNotes, userId: string): Register<boolean> {
  if (!reactions.has(userId)) registerIn(reactions, userId).write(false, always, true)
  return registerIn(reactions, userId)
}

function registerIn<T>(registers: Map<string, Register<T>>, key: string): Register<T> {
  const known = registers.get(key) ?? new Register<T>()
  registers.set(key, known)
  return known
}
