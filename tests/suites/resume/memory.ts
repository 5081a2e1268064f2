import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Runtime } from '../runtime/runtime.ts'

/** What is used of the answers of the DevTools protocol. */
interface HeapUsage {
  usedSize: number
  embedderHeapUsedSize: number
  backingStorageSize: number
}

/** In megabytes, but for the count of looks. */
export interface Peaks {
  heap: number
  live: number
  rss: number
  looks: number
}

const pauseMs = 50
const megabyte = 2 ** 20

/** The memory of the service's isolate, as V8 tells it through the DevTools protocol, and of the process that it is in. */
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
   * Looks while something goes on. `live` is what is in use right after a collection of garbage, `heap` what is in use
   * at any other moment, garbage included, which bounds also what a single turn needs.
   */
  async during<Result>(work: () => Promise<Result>): Promise<Peaks & { result: Result }> {
    const peaks: Peaks = { heap: 0, live: 0, rss: 0, looks: 0 }
    let isOver = false
    const looking = (async () => {
      for (; !isOver; await sleep(pauseMs)) await this.#look(peaks)
    })()
    const result = await work().finally(() => {
      isOver = true
    })
    // An isolate that has nothing to do collects nothing.
    await Promise.race([looking, sleep(1_000)])
    return { result, ...peaks }
  }

  async #look(peaks: Peaks) {
    peaks.heap = Math.max(peaks.heap, await this.#used())
    await this.#ask('HeapProfiler.collectGarbage')
    peaks.live = Math.max(peaks.live, await this.#used())
    peaks.rss = Math.max(peaks.rss, this.rss())
    peaks.looks++
  }

  async #used(): Promise<number> {
    const { usedSize, embedderHeapUsedSize, backingStorageSize } = await this.#ask('Runtime.getHeapUsage')
    return (usedSize + embedderHeapUsedSize + backingStorageSize) / megabyte
  }

  /** Of the whole process, the simulators of D1 and R2 and SQLite’s caches included; 0 where only Linux could tell. */
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
