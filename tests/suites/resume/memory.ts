import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const pauseMs = 50
const megabyte = 2 ** 20

/** The memory of the service's isolate, as V8 tells it through the DevTools protocol, and of the process that it is in. */
export class Memory {
  #pid
  #webSocket
  #asked = 0
  #waiting = new Map()

  static async watch({ inspectorUrl, pid }) {
    const memory = new Memory()
    memory.#pid = pid
    memory.#webSocket = new WebSocket(inspectorUrl)
    memory.#webSocket.addEventListener('message', ({ data }) => memory.#read(JSON.parse(data)))
    await once(memory.#webSocket, 'open')
    return memory
  }

  /**
   * Looks while something goes on. `live` is what is in use right after a collection of garbage, `heap` what is in use
   * at any other moment, garbage included, which bounds also what a single turn needs.
   */
  async during(work) {
    const peaks = { heap: 0, live: 0, rss: 0, looks: 0 }
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

  async #look(peaks) {
    peaks.heap = Math.max(peaks.heap, await this.#used())
    await this.#ask('HeapProfiler.collectGarbage')
    peaks.live = Math.max(peaks.live, await this.#used())
    peaks.rss = Math.max(peaks.rss, this.rss())
    peaks.looks++
  }

  async #used() {
    const { usedSize, embedderHeapUsedSize, backingStorageSize } = await this.#ask('Runtime.getHeapUsage')
    return (usedSize + embedderHeapUsedSize + backingStorageSize) / megabyte
  }

  /** Of the whole process, the simulators of D1 and R2 and SQLite’s caches included; 0 where only Linux could tell. */
  rss() {
    if (!existsSync('/proc/self/status')) return 0
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.#pid}/status`, 'utf8'))?.[1]) / 1_024
  }

  #ask(method) {
    const id = ++this.#asked
    const { promise, resolve } = Promise.withResolvers()
    this.#waiting.set(id, resolve)
    this.#webSocket.send(JSON.stringify({ id, method }))
    return promise
  }

  #read({ id, result }) {
    this.#waiting.get(id)?.(result)
    this.#waiting.delete(id)
  }
}
