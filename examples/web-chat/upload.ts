import type { StoredFile } from '../typescript/schema'
import { isPicture } from './file-types'
import { Observable } from './observable'
import { saidBy } from './problems'

export type Send = (file: File, onProgress: (share: number) => void, signal: AbortSignal) => Promise<StoredFile>

/** One file on its way to the server, starting when it is chosen. */
export class Upload extends Observable {
  readonly file: File
  /** A URL of this device's own copy, to show a picture at once. */
  readonly preview: string | undefined
  readonly key = crypto.randomUUID()
  share = 0
  stored?: StoredFile
  fault: string | undefined
  readonly #send: Send
  readonly #abort = new AbortController()

  constructor(file: File, send: Send) {
    super()
    this.file = file
    this.preview = isPicture(file.type) ? URL.createObjectURL(file) : undefined
    this.#send = send
  }

  async start() {
    this.fault = undefined
    this.#show(0)
    try {
      this.stored = await this.#send(this.file, (share) => this.#show(share), this.#abort.signal)
    } catch (error) {
      if (!this.#abort.signal.aborted) this.fault = saidBy(error)
    }
    this.changed()
  }

  cancel() {
    this.#abort.abort()
    if (this.preview) URL.revokeObjectURL(this.preview)
  }

  #show(share: number) {
    this.share = share
    this.changed()
  }
}
