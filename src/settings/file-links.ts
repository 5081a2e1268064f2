import { BoundedMap } from '../core/bounded-map'
import type { FileLink } from '../core/file-metadata'
import { flatText } from '../core/json-text'
import { limits } from '../core/limits'
import type { Config } from './config'
import { sign, verifySignature } from './signing'

const step = limits.fileLinkStepSeconds

/** What the query of a link says. */
interface Link {
  /** Epoch seconds. */
  expires: number
  /** The user for whom the link was made, or null if it is a profile picture, which anyone may see. */
  readerId: string | null
  /** The group in which the file is, if it is in one. */
  chatId?: string | undefined
}

const signed = (fileId: string, { expires, readerId, chatId }: Link) =>
  [fileId, expires, ...(readerId === null ? [] : [readerId]), ...(chatId === undefined ? [] : [chatId])].join('.')

const signaturesMade = new WeakMap<Config, BoundedMap<string, string>>()

/** The signature of a link. Between two steps it is the same, and pages ask for those of the same pictures over and over. */
function signatureOf(config: Config, text: string): string {
  const made = signaturesMade.get(config) ?? new BoundedMap<string, string>(limits.linkSignaturesMax)
  signaturesMade.set(config, made)
  const known = made.get(text)
  if (known !== undefined) return known
  const signature = sign(config, 'file-link', text)
  made.set(text, signature)
  return signature
}

/**
 * Links that need no token, for `<img>` and downloads. They are valid for `fileLinkSeconds` and up to one step more: the
 * expiry is rounded up, so that the URL of a file stays the same between steps.
 */
const links =
  (config: Config, origin: string, now: number, { readerId, chatId }: Omit<Link, 'expires'>): FileLink =>
  (fileId) => {
    const expires = Math.ceil((now / 1000 + limits.fileLinkSeconds) / step) * step
    const signature = signatureOf(config, signed(fileId, { expires, readerId, chatId }))
    const reader = readerId === null ? '' : `&reader=${readerId}`
    const chat = chatId === undefined ? '' : `&chatId=${chatId}`
    return flatText([origin, '/v1/files/', fileId, '?expires=', expires, reader, chat, '&signature=', signature])
  }

/** Links to profile pictures. */
export const avatarLinks = (config: Config, origin: string, now: number): FileLink =>
  links(config, origin, now, { readerId: null })

/** Links to files for one reader. They work while the reader may read the file. */
export const fileLinks = (config: Config, origin: string, now: number, readerId: string): FileLink =>
  links(config, origin, now, { readerId })

/** The same for files that were sent into a group: they work while the reader may read them there. */
export const groupFileLinks = (
  config: Config,
  origin: string,
  now: number,
  where: { readerId: string; chatId: string },
): FileLink => links(config, origin, now, where)

/** Whether a link's signature is valid and the link has not expired. Says nothing of what its reader may read now. */
export const isLinkValid = (config: Config, fileId: string, link: Link, signature: string, now: number) =>
  link.expires * 1000 > now && verifySignature(config, 'file-link', signed(fileId, link), signature)
