// What has to hold after a schedule.
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Chats, GroupMember, GroupMembers, Message, Messages } from '../../../examples/typescript/schema.d.ts'

import type { Pending } from '../../../examples/typescript/store.ts'
import { obtain } from '../runtime/http.ts'
import type { Device } from './device.ts'
import type { Kit } from './package.ts'

const liveWithinMs = 10_000
const sentWithinMs = 15_000
const settledWithinMs = 15_000
const closedWithinMs = 3_000
const lookMs = 25

async function until(what: string, withinMs: number, holds: () => Promise<boolean>): Promise<string[]> {
  for (const end = performance.now() + withinMs; ; await sleep(lookMs)) {
    // A call of the device can fail: its limit of time is short.
    const error = await Promise.resolve(holds()).then(
      (isSo) => (isSo ? null : what),
      (error) => `${what}: ${error}`,
    )
    if (error === null) return []
    if (performance.now() > end) return [error]
  }
}

interface Viewed {
  kit: Kit
  device: Device
  origin: string
  token: string
}

/** The server's copy, over a network without faults. */
async function viewOf({ device, origin, token }: Viewed) {
  const { items: chats } = await obtain<Chats>(origin, 'GET', '/v1/chats', { token })
  const messages: Record<string, Message[]> = {}
  const members: Record<string, GroupMember[]> = {}
  for (const { id, kind } of chats) {
    if (kind === 'group') {
      const membersPath = `/v1/groups/${id}/members`
      const present = await obtain<GroupMembers>(origin, 'GET', membersPath, { token })
      const former = await obtain<GroupMembers>(origin, 'GET', `${membersPath}?left=true`, { token })
      members[id] = [...present.items, ...former.items]
    }
    const { items } = await obtain<Messages>(origin, 'GET', `/v1/chats/${id}/messages?limit=200`, { token })
    messages[id] = items.toReversed()
  }
  return { chats, messages, members, userId: device.userId }
}

/** What the device shows. One without a copy loads it first, as its screens would; of groups, each loads what is older. */
async function shownBy({ kit, device }: Viewed) {
  const { store, history } = device
  if (device.fromNow) await history.loadChats()
  for (const { id, kind } of store.state.chats.values())
    if (device.fromNow || kind === 'group') while (await history.loadMessages(id));
  const chats = kit.chatsOf(store.state)
  const messages = Object.fromEntries(chats.map(({ id }) => [id, kit.messagesOf(store.state, id)]))
  const groups = chats.filter(({ kind }) => kind === 'group')
  const members = Object.fromEntries(groups.map(({ id }) => [id, [...kit.membersOf(store.state, id).values()]]))
  return { chats, messages, members, userId: device.userId }
}

const byUser = (members: GroupMember[] = []) => members.toSorted((one, other) => (one.user.id < other.user.id ? -1 : 1))

type View = Awaited<ReturnType<typeof viewOf>>

/** What differs first, or an empty text. */
function differenceOf(shown: View, held: View): string {
  if (!isDeepStrictEqual(shown.chats, held.chats))
    return `chats ${JSON.stringify(shown.chats)}, on the server ${JSON.stringify(held.chats)}`
  for (const [chatId, messages] of Object.entries(held.messages)) {
    const different = messages.findIndex((message, n) => !isDeepStrictEqual(shown.messages[chatId]?.[n], message))
    const [one, other] = [shown.messages[chatId]?.[different], messages[different]]
    if (different >= 0) return `message ${different} ${JSON.stringify(one)}, on the server ${JSON.stringify(other)}`
    if (messages.length !== shown.messages[chatId]?.length) return `messages too many in ${chatId}`
  }
  for (const [chatId, members] of Object.entries(held.members)) {
    const [one, other] = [byUser(shown.members[chatId]), byUser(members)]
    if (!isDeepStrictEqual(one, other)) return `members ${JSON.stringify(one)}, on the server ${JSON.stringify(other)}`
  }
  return ''
}

/** What was refused because the user was not in the group just then: the network may have spoiled the words. */
const isRefusedByGroup = ({ chatId, problem }: Pending) => chatId.startsWith('grp_') && problem?.status === 404

/**
 * The messages of a device reached the server in the order in which they were queued, each once, but for those that it
 * says were refused.
 */
async function queueFaults(viewed: Viewed): Promise<string[]> {
  const { device } = viewed
  const { messages, userId } = await viewOf(viewed)
  const faults = []
  for (const [chatId, queued] of device.queued) {
    const own = (messages[chatId] ?? []).filter(({ senderId, event }) => senderId === userId && event === null)
    const sent = own.map(({ text }) => text)
    const refused = [...device.store.outbox.values()].filter((one) => one.chatId === chatId)
    const due = queued.filter((text) => !refused.some(({ message }) => message.text === text))
    if (!isDeepStrictEqual(sent, due)) faults.push(`queued ${due.join()}, sent ${sent.join()}`)
  }
  return faults
}

/** Resolves to what is wrong if the device is not live within 10 seconds. */
export const untilLive = (device: Device) => until('not live', liveWithinMs, () => device.isLive())

/** What is wrong after the network has come back, in words. */
export async function faultsOf(viewed: Viewed, withinMs = sentWithinMs): Promise<string[]> {
  const { device } = viewed
  const live = await untilLive(device)
  if (live.length > 0) return live
  const isSent = async () => [...device.store.outbox.values()].every(isRefusedByGroup)
  const sent = await until('the outbox is not empty', withinMs, isSent)
  if (sent.length > 0) return [`${sent}: ${JSON.stringify([...device.store.outbox.values()])}`]
  let difference = ''
  const equal = await until('the store differs from the server', settledWithinMs, async () => {
    difference = differenceOf(await shownBy(viewed), await viewOf(viewed))
    return difference === ''
  })
  const { openMost } = device.network
  return [
    ...equal.map((fault) => `${fault}: ${difference}`),
    ...(await queueFaults(viewed)),
    ...(openMost > 1 ? [`${openMost} connections at a time`] : []),
    ...device.errors.map((error) => `reported: ${error instanceof Error ? error.stack : error}`),
    ...(device.isSignedOut ? ['signed out'] : []),
  ]
}

/** No connection survives `stop`. */
export function closeFaults(device: Device): Promise<string[]> {
  device.stop()
  return until('a connection survives stop', closedWithinMs, async () => device.network.openCount === 0)
}
