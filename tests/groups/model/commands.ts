import type { Message } from '../../../schemas/message'
import { note } from '../../model/journal'
import type { Span } from '../../model/time'
import { call, type Input } from '../../support/call'
import type { TestGroup } from '../../support/group-calls'
import type { Random } from '../../support/random'
import type { TestUser } from '../../support/users'
import { type Device, SocketDevice } from './devices'
import { type Entry, type Ledger, type MessageNotes, reactionOf, type Setting } from './ledger'
import type { Register } from './register'

/** Somebody with two devices. */
export interface Person {
  user: TestUser
  devices: Device[]
}

export interface World {
  group: TestGroup
  /** Invitations, without and with an approval. */
  code: string
  closedCode: string
  people: Person[]
  ledger: Ledger
  draw: Random
}

/** What is known of a call: answered with success, refused, or neither. */
type Outcome<T> = { isSure: true; body: T } | { isSure: false; isRefused: boolean }

interface Call<T> {
  span: Span
  outcome: Outcome<T>
}

async function make<T>({ ledger }: World, as: TestUser, operation: string, input: Input): Promise<Call<T>> {
  const span = ledger.begin()
  const { status, body } = await call<T>(operation, input, { as })
  note(as.id, operation, input.params, input.query, input.body, '→', status)
  return answered(ledger, span, status, body)
}

/** A call without an answer that says what became of it stays open: it can still be carried out. */
function answered<T>(ledger: Ledger, span: Span, status: number, body: T): Call<T> {
  if (status < 500) ledger.answered(span)
  return { span, outcome: status < 300 ? { isSure: true, body } : { isSure: false, isRefused: status < 500 } }
}

/** Notes what a call has set, or may have set. */
function noteWrite<T>(register: Register<T>, value: T, { span, outcome }: Call<unknown>) {
  if (outcome.isSure) register.write(value, span, true)
  else if (!outcome.isRefused) register.write(value, span, false)
}

/** A message that one of the user's devices shows; now and then one that somebody else does. */
function someMessage({ people, draw }: World, as: TestUser): Message | undefined {
  const own = people.filter(({ user }) => user === as)
  const devices = (draw.below(8) === 0 ? people : own).flatMap((person) => person.devices)
  const shown = devices.flatMap(({ copies }) => [...copies.copies.values()].flatMap((copy) => copy.shown().messages))
  const written = shown.filter(({ event, deletedAt }) => event === null && deletedAt === null)
  return written.length > 0 ? draw.pick(written) : undefined
}

const openSocket = ({ people }: World, as: TestUser): SocketDevice | undefined =>
  people
    .filter(({ user }) => user === as)
    .flatMap(({ devices }) => devices)
    .find((device): device is SocketDevice => device instanceof SocketDevice && device.isOpen)

let names = 0
const newName = (prefix: string) => `${prefix}${++names}`

async function sendEntry(world: World, as: TestUser, entry: Entry, span: Span): Promise<Call<Message>> {
  const { ledger, group } = world
  const { clientMessageId } = entry
  const input = { clientMessageId, ...entry.body }
  const socket = openSocket(world, as)
  if (!socket) {
    const made = await call<Message>('sendMessage', { params: { chatId: group.id }, body: input }, { as })
    note(as.id, 'sendMessage', input, '→', made.status)
    return answered(ledger, span, made.status, made.body)
  }
  const answer = await socket.ask({ type: 'sendMessage', chatId: group.id, ...input })
  note(as.id, 'sendMessage over the socket', input, '→', answer?.type)
  if (answer?.type === 'ack' && answer.message) return answered(ledger, span, 200, answer.message)
  const status = answer?.type === 'error' ? answer.problem.status : 500
  return answered(ledger, span, status, {} as Message)
}

async function send(world: World, as: TestUser) {
  const { draw, people, ledger } = world
  const text = newName('m')
  const mentions = draw.below(4) === 0 ? [draw.pick(people).user.id] : []
  const quoted = draw.below(6) === 0 ? someMessage(world, as) : undefined
  const entry: Entry = {
    ...{ senderId: as.id, clientMessageId: newName('c'), id: null, span: ledger.begin(), acknowledged: null },
    body: { text, mentions, ...(quoted && { replyToId: quoted.id }) },
  }
  ledger.entries.push(entry)
  const { outcome } = await sendEntry(world, as, entry, entry.span)
  if (outcome.isSure) Object.assign(entry, { id: outcome.body.id, acknowledged: entry.span })
  // What was refused was never sent.
  else if (outcome.isRefused) ledger.entries.splice(ledger.entries.indexOf(entry), 1)
}

/** Sends again what was sent before: it is the same message. */
async function retry(world: World, as: TestUser) {
  const { draw, ledger } = world
  const own = ledger.entries.filter(({ senderId }) => senderId === as.id)
  if (own.length === 0) return
  const entry = draw.pick(own)
  const { span, outcome } = await sendEntry(world, as, entry, ledger.begin())
  if (!outcome.isSure) return
  if (entry.id !== null && entry.id !== outcome.body.id)
    throw new Error(`A retry of ${entry.clientMessageId} made ${outcome.body.id} beside ${entry.id}`)
  entry.id = outcome.body.id
  entry.acknowledged ??= span
}

/** Does something to a message of the group, and to what is known of it. */
async function onMessage(
  world: World,
  as: TestUser,
  operation: string,
  input: (message: Message) => Input,
  then: (notes: MessageNotes, made: Call<Message>) => void,
) {
  const message = someMessage(world, as)
  if (!message) return
  const params = { chatId: world.group.id, messageId: message.id }
  const { params: more, ...rest } = input(message)
  const made = await make<Message>(world, as, operation, { params: { ...params, ...more }, ...rest })
  then(world.ledger.notesOf(message.id), made)
}

function edit(world: World, as: TestUser) {
  const text = newName('e')
  return onMessage(
    world,
    as,
    'editMessage',
    () => ({ body: { text } }),
    (notes, made) => noteWrite(notes.text, text, made),
  )
}

const deleteFor = (scope: 'me' | 'everyone') => (world: World, as: TestUser) =>
  onMessage(
    world,
    as,
    'deleteMessage',
    () => ({ query: { scope } }),
    (notes, made) => {
      if (scope === 'everyone') return noteWrite(notes.deleted, true, made)
      const { span, outcome } = made
      if (outcome.isSure || !outcome.isRefused) notes.hidings.push({ userId: as.id, span, isSure: outcome.isSure })
    },
  )

const setReaction = (isOn: boolean) => (world: World, as: TestUser) =>
  onMessage(
    world,
    as,
    isOn ? 'addReaction' : 'removeReaction',
    () => ({ params: { emoji: '👍' } }),
    (notes, made) => noteWrite(reactionOf(notes, as.id), isOn, made),
  )

const pin = (isOn: boolean) => (world: World, as: TestUser) =>
  onMessage(
    world,
    as,
    isOn ? 'pinMessage' : 'unpinMessage',
    () => ({ params: { groupId: world.group.id } }),
    () => {},
  )

async function read(world: World, as: TestUser) {
  const { ledger, group } = world
  const message = someMessage(world, as)
  if (!message) return
  const body = { upToMessageId: message.id }
  const { span, outcome } = await make(world, as, 'markChatRead', { params: { chatId: group.id }, body })
  if (outcome.isSure) ledger.marks.push({ userId: as.id, id: message.id, span })
}

async function clear(world: World, as: TestUser) {
  const { span, outcome } = await make(world, as, 'clearChat', { params: { chatId: world.group.id } })
  if (outcome.isSure || !outcome.isRefused) world.ledger.clears.push({ userId: as.id, span, isSure: outcome.isSure })
}

async function leave(world: World, as: TestUser) {
  const made = await make(world, as, 'leaveGroup', { params: { groupId: world.group.id } })
  noteWrite(world.ledger.membership(as.id), false, made)
}

async function add(world: World, as: TestUser) {
  const { draw, people, ledger, group } = world
  const { id } = draw.pick(people).user
  const input = { params: { groupId: group.id }, body: { userIds: [id] } }
  const made = await make<{ added: string[] }>(world, as, 'addGroupMembers', input)
  const { outcome } = made
  if (!outcome.isSure || outcome.body.added.includes(id)) noteWrite(ledger.membership(id), true, made)
}

async function remove(world: World, as: TestUser) {
  const { draw, people, ledger, group } = world
  const { id } = draw.pick(people).user
  const made = await make(world, as, 'removeGroupMember', { params: { groupId: group.id, userId: id } })
  noteWrite(ledger.membership(id), false, made)
}

const someone = ({ draw, people, group }: World) => ({ groupId: group.id, userId: draw.pick(people).user.id })

async function ban(world: World, as: TestUser) {
  const params = someone(world)
  noteWrite(world.ledger.membership(params.userId), false, await make(world, as, 'banGroupMember', { params }))
}

const join = (needsApproval: boolean) => async (world: World, as: TestUser) => {
  const params = { code: needsApproval ? world.closedCode : world.code }
  const made = await make<{ standing: string }>(world, as, 'joinGroup', { params })
  const { outcome } = made
  // Of somebody who is a member already, a request says so.
  if (!needsApproval && (!outcome.isSure || outcome.body.standing === 'member'))
    noteWrite(world.ledger.membership(as.id), true, made)
}

async function approve(world: World, as: TestUser) {
  const params = someone(world)
  noteWrite(world.ledger.membership(params.userId), true, await make(world, as, 'approveJoinRequest', { params }))
}

async function setRole(world: World, as: TestUser) {
  const { draw, people, group } = world
  const role = draw.pick(['admin', 'admin', 'admin', 'member', 'owner'])
  const params = { groupId: group.id, userId: draw.pick(people).user.id }
  await make(world, as, 'updateGroupMember', { params, body: { role } })
}

async function changeSettings(world: World, as: TestUser) {
  const { draw, ledger, group } = world
  const setting = draw.pick<Setting>(['title', 'title', 'historyVisible', 'addBy'])
  const value = { title: newName('Title '), historyVisible: draw.pick(['all', 'joining']), addBy: 'members' }[setting]
  const body = setting === 'title' ? { title: value } : { settings: { [setting]: value } }
  const made = await make(world, as, 'updateGroup', { params: { groupId: group.id }, body })
  noteWrite(ledger.settings[setting], value, made)
}

async function mute(world: World, as: TestUser) {
  const isMuted = world.draw.below(2) === 0
  const body = { mutedUntil: isMuted ? '2090-01-01T00:00:00Z' : null }
  const made = await make(world, as, 'updateChat', { params: { chatId: world.group.id }, body })
  noteWrite(world.ledger.mute(as.id), isMuted, made)
}

async function look({ draw, people }: World, as: TestUser) {
  const { devices } = people.find(({ user }) => user === as) ?? { devices: [] }
  await draw.pick(devices).look()
}

async function disconnect({ draw, people }: World, as: TestUser) {
  const { devices } = people.find(({ user }) => user === as) ?? { devices: [] }
  const device = draw.pick(devices)
  if (device instanceof SocketDevice) device.disconnect()
}

/** What people do, and how often. */
export const commands: Record<string, { weight: number; run: (world: World, as: TestUser) => Promise<unknown> }> = {
  send: { weight: 20, run: send },
  retry: { weight: 3, run: retry },
  edit: { weight: 6, run: edit },
  deleteForEveryone: { weight: 3, run: deleteFor('everyone') },
  hide: { weight: 5, run: deleteFor('me') },
  react: { weight: 5, run: setReaction(true) },
  unreact: { weight: 2, run: setReaction(false) },
  pin: { weight: 3, run: pin(true) },
  unpin: { weight: 1, run: pin(false) },
  read: { weight: 8, run: read },
  clear: { weight: 1, run: clear },
  leave: { weight: 2, run: leave },
  add: { weight: 7, run: add },
  remove: { weight: 3, run: remove },
  ban: { weight: 1, run: ban },
  unban: { weight: 3, run: (world, as) => make(world, as, 'unbanGroupMember', { params: someone(world) }) },
  join: { weight: 4, run: join(false) },
  ask: { weight: 3, run: join(true) },
  approve: { weight: 3, run: approve },
  decline: { weight: 1, run: (world, as) => make(world, as, 'declineJoinRequest', { params: someone(world) }) },
  setRole: { weight: 2, run: setRole },
  changeSettings: { weight: 2, run: changeSettings },
  mute: { weight: 2, run: mute },
  look: { weight: 16, run: look },
  disconnect: { weight: 4, run: disconnect },
  listChats: { weight: 3, run: (world, as) => make(world, as, 'listChats', {}) },
}

export const commandWeights = Object.fromEntries(Object.entries(commands).map(([name, { weight }]) => [name, weight]))
