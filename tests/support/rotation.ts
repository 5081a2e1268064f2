import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { stubOf } from './delivery-faults'

/** Gives a mailbox other settings until it restarts; a deployment restarts every mailbox. */
export const configureMailbox = (userId: string, settings: Record<string, string | number | undefined>) =>
  runInDurableObject(stubOf(userId), (mailbox) => Reflect.set(mailbox, 'env', { ...env, ...settings }))

/** The same for a group. */
export const configureGroup = (groupId: string, settings: Record<string, string | number | undefined>) =>
  runInDurableObject(env.GROUP.get(env.GROUP.idFromName(groupId)), (group) =>
    Reflect.set(group, 'env', { ...env, ...settings }),
  )

export const rotateMailbox = (userId: string, settings: { JWT_SECRET: string; JWT_SECRET_PREVIOUS?: string }) =>
  configureMailbox(userId, settings)
