import { expect } from 'vitest'
import type { Tokens } from '../../schemas/authentication'
import type { File } from '../../schemas/file'
import type { Message } from '../../schemas/message'
import { limits } from '../../src/core/limits'
import { type Answer, call, type Input } from '../support/call'
import { configureMailbox } from '../support/rotation'
import { connectLive, type TestSocket } from '../support/socket'
import { newUser, type TestUser } from '../support/users'

/** The most that any answer may have, downloads and the export aside. */
const answerBytesMax = 1_200_000

const wide = ['語', '𒀀', 'é', 'hello lighthouse ']

const longText = (n: number) => {
  const word = wide[n % wide.length] ?? ''
  const text = `hello ${n} ${word.repeat(limits.textCharactersMax)}`
  return [...text].slice(0, limits.textCharactersMax).join('')
}

/** A user who does everything that the document offers to one victim. */
export class Attacker {
  readonly victimId: string
  readonly sent: Message[] = []
  /** Texts that were stored: of messages, and of edits. */
  texts = 0
  readonly #files: string[] = []
  readonly #refused = new Set<string>()
  #user: TestUser
  #socket: TestSocket | undefined
  #count = 0

  private constructor(user: TestUser, victimId: string) {
    this.#user = user
    this.victimId = victimId
  }

  /** With the default limits, which those of tests are not. */
  static async create(victimId: string, user?: TestUser): Promise<Attacker> {
    const one = user ?? (await newUser())
    await configureMailbox(one.id, {
      SENDS_AT_ONCE: 600,
      SENDS_PER_MINUTE: 60,
      READ_MARKS_PER_MINUTE: 300,
      NEW_CHATS_PER_DAY: 50,
    })
    return new Attacker(one, victimId)
  }

  get id() {
    return this.#user.id
  }

  get caller() {
    return this.#user
  }

  /** Gets tokens that are valid at the present time of the test, and a socket. */
  async wake() {
    this.#refused.clear()
    const { refreshToken } = this.#user
    const { body } = await call<Tokens>('refreshTokens', { body: { refreshToken } })
    this.#user = { ...this.#user, ...body }
    this.#socket = await connectLive(this.#user)
  }

  async ask<T>(operationId: string, input: Input): Promise<Answer<T>> {
    const answer = await call<T>(operationId, input, { as: this.#user })
    expect(JSON.stringify(answer.body ?? '').length, operationId).toBeLessThan(answerBytesMax)
    expect(answer.status, operationId).toBeLessThan(500)
    return answer
  }

  /** Does everything up to `times`, each until it is refused. */
  async attack(times: number) {
    for (let n = 0; n < times; n++) {
      this.#count++
      for (const [name, act] of Object.entries(this.#acts)) {
        if (this.#refused.has(name)) continue
        const status = await act(this.#count)
        if (status === 429 || status === 403) this.#refused.add(name)
      }
    }
    this.#socket?.close()
  }

  readonly #inChat = (more: Record<string, string> = {}) => ({ params: { chatId: this.victimId, ...more } })
  readonly #some = (n: number) => this.sent[n % Math.max(1, this.sent.length)]?.id ?? 'msg_01KAT5M8E1T3P5Y7W9D2C4V6BN'
  readonly #ofSome = (n: number) => this.#inChat({ messageId: this.#some(n) })

  async #send(body: object): Promise<number> {
    const input = { ...this.#inChat(), body: { clientMessageId: crypto.randomUUID(), ...body } }
    const { status, body: message } = await this.ask<Message>('sendMessage', input)
    if (status === 201) this.sent.push(message)
    if (status === 201) this.texts++
    return status
  }

  async #status(operationId: string, input: Input): Promise<number> {
    return (await this.ask(operationId, input)).status
  }

  async #edit(n: number, text: string): Promise<number> {
    const status = await this.#status('editMessage', { ...this.#ofSome(n), body: { text } })
    if (status === 200) this.texts++
    return status
  }

  async #upload(n: number): Promise<number> {
    const headers = { 'Content-Type': 'text/plain' }
    const query = { name: `${'語'.repeat(limits.fileNameCharactersMax - 8)}${n}` }
    const { status, body } = await this.ask<File>('uploadFile', { raw: 'junk', query, headers })
    if (status === 201 && this.#files.length < limits.attachmentsMax) this.#files.push(body.id)
    return status
  }

  #profile(n: number) {
    const name = `${n}${'𒀀'.repeat(40)}`
    return { firstName: name, lastName: name, about: `${n}${'𒀀'.repeat(limits.aboutCharactersMax - 8)}` }
  }

  async #overSocket(n: number): Promise<number> {
    const { victimId } = this
    await this.#socket?.ask({ type: 'typing', chatId: victimId })
    await this.#socket?.ask({ type: 'presence', userIds: [victimId] })
    const clientMessageId = crypto.randomUUID()
    await this.#socket?.ask({ type: 'sendMessage', chatId: victimId, clientMessageId, text: `hello ${n}` })
    return 200
  }

  #report(n: number) {
    const messageIds = this.sent.slice(-limits.reportMessagesMax).map(({ id }) => id)
    const comment = `${n}${'𒀀'.repeat(limits.reportCommentCharactersMax - 8)}`
    return { params: { userId: this.victimId }, body: { reason: 'spam', comment, messageIds } }
  }

  readonly #acts: Record<string, (n: number) => Promise<number>> = {
    upload: (n) => this.#upload(n),
    updateMe: (n) => this.#status('updateMe', { body: this.#profile(n) }),
    short: (n) => this.#send({ text: `hello ${n}` }),
    long: (n) => this.#send({ text: longText(n) }),
    files: (n) => this.#send({ text: `hello ${n}`, attachmentFileIds: this.#files }),
    reply: (n) => this.#send({ text: 'hello', replyToId: this.#some(n) }),
    edit: (n) => this.#edit(n, longText(n + 1)),
    smallEdit: (n) => this.#edit(n + 1, `hello ${n}`),
    react: (n) =>
      this.#status(
        'addReaction',
        this.#inChat({ messageId: this.#some(n), emoji: ['👍', '🔥', '👩‍👩‍👧‍👦'][n % 3] ?? '' }),
      ),
    unreact: (n) => this.#status('removeReaction', this.#inChat({ messageId: this.#some(n), emoji: '👍' })),
    report: (n) => this.#status('reportUser', this.#report(n)),
    socket: (n) => this.#overSocket(n),
    // Once: what is deleted makes room.
    deleteMessage: async (n) =>
      n === 10 ? this.#status('deleteMessage', { ...this.#ofSome(n), query: { scope: 'everyone' } }) : 200,
    markChatRead: (n) => this.#status('markChatRead', { ...this.#inChat(), body: { upToMessageId: this.#some(n) } }),
    getUser: () => this.#status('getUser', { params: { userId: this.victimId } }),
    lookUp: () => this.#status('lookUpUsers', { body: { userIds: [this.victimId] } }),
    find: () => this.#status('findUserByUsername', { query: { username: 'nobody_here' } }),
    findContacts: (n) =>
      this.#status('findContacts', { body: { phoneNumbers: [`+1202${3_000_000 + n}`, this.#user.phoneNumber] } }),
    search: () => this.#status('searchMessages', { query: { q: 'hello', limit: limits.pageMax } }),
    saveContact: (n) => this.#status('saveContact', { params: { userId: this.victimId }, body: { name: `${n}` } }),
    listMessages: () => this.#status('listMessages', { ...this.#inChat(), query: { limit: limits.pageMax } }),
    listChanges: () => this.#status('listChanges', {}),
    block: async (n) => {
      if (n % 10 !== 5) return 200
      await this.#status('blockUser', { params: { userId: this.victimId } })
      return this.#status('unblockUser', { params: { userId: this.victimId } })
    },
  }
}
