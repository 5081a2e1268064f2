import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Runtime } from '../runtime/runtime.ts'

/** The part of a DevTools `Runtime.getHeapUsage` result that is used here. */
interface HeapUsage {
  usedSize: number
  embedderHeapUsedSize: number
  backingStorageSize: number
}

/** Peak values in megabytes, and the number of samples. */
export interface Peaks {
  heap: number
  live: number
  rss: number
  samples: number
}

const pauseMs = 50
const megabyte = 2 ** 20

/** Memory of the service's isolate, as V8 reports it over the DevTools protocol, and of its process. */
export class Memory {
  readonly #pid: number | undefined
  readonly #webSocket: WebSocket
  #asked = 0
  readonly #waiting = new Map<number, (result: HeapUsage) => void>()

  private constructor({ inspectorUrl, pid }: Runtime) {
    this.#pid = pid
    this.#webSocket = new WebSocket(inspectorUrl)
    this.#webSocket.addEventListener('message', ({ data }) => this.#read(JSON.parse(data)))
  }

  static async watch(runtime: Runtime): Promise<Memory> {
    const memory = new Memory(runtime)
    await once(memory.#webSocket, 'open')
    return memory
  }

  /**
   * Samples memory while `work` runs. `live` is what is in use right after a garbage collection. `heap` is what is in use
   * at any other moment, garbage included, so it also bounds what a single turn needs.
   */
  async during<Result>(work: () => Promise<Result>): Promise<Peaks & { result: Result }> {
    const peaks: Peaks = { heap: 0, live: 0, rss: 0, samples: 0 }
    let isOver = false
    const sampling = (async () => {
      for (; !isOver; await sleep(pauseMs)) await this.#sample(peaks)
    })()
    const result = await work().finally(() => {
      isOver = true
    })
    // An idle isolate does not answer.
    await Promise.race([sampling, sleep(1_000)])
    return { result, ...peaks }
  }

  async #sample(peaks: Peaks) {
    peaks.heap = Math.max(peaks.heap, await this.#used())
    await this.#ask('HeapProfiler.collectGarbage')
    peaks.live = Math.max(peaks.live, await this.#used())
    peaks.rss = Math.max(peaks.rss, this.rss())
    peaks.samples++
  }

  async #used(): Promise<number> {
    const { usedSize, embedderHeapUsedSize, backingStorageSize } = await this.#ask('Runtime.getHeapUsage')
    return (usedSize + embedderHeapUsedSize + backingStorageSize) / megabyte
  }

  /** The whole process, including the D1 and R2 simulators and SQLite’s caches; 0 on systems other than Linux. */
  rss(): number {
    if (!existsSync('/proc/self/status')) return 0
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.#pid}/status`, 'utf8'))?.[1]) / 1_024
  }

  #ask(method: string): Promise<HeapUsage> {
    const id = ++this.#asked
    const { promise, resolve } = Promise.withResolvers<HeapUsage>()
    this.#waiting.set(id, resolve)
    this.#webSocket.send(JSON.stringify({ id, method }))
    return promise
  }

  #read({ id, result }: { id: number; result: HeapUsage }) {
    this.#waiting.get(id)?.(result)
    this.#waiting.delete(id)
  }
}
