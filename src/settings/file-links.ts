import type { FileLink } from '../core/file-metadata'
import { limits } from '../core/limits'
import type { Config } from './config'
import { sign, verifySignature } from './signing'

const step = limits.fileLinkStepSeconds

const signed = (fileId: string, expires: number) => `${fileId}.${expires}`

/**
 * Links to files that need no token, for `<img>` and downloads. They are valid for `fileLinkSeconds` and up to one step
 * more: the expiry is rounded up, so that the URL of a file stays the same, and cached, between steps.
 */
export const fileLinks =
  (config: Config, origin: string, now: number): FileLink =>
  (fileId) => {
    const expires = Math.ceil((now / 1000 + limits.fileLinkSeconds) / step) * step
    const signature = sign(config, 'file-link', signed(fileId, expires))
    return `${origin}/v1/files/${fileId}?expires=${expires}&signature=${signature}`
  }

/** Whether a link's signature is valid and the link has not expired. `expires` is in epoch seconds. */
export const isLinkValid = (config: Config, fileId: string, expires: number, signature: string, now: number) =>
  expires * 1000 > now && verifySignature(config, 'file-link', signed(fileId, expires), signature)
