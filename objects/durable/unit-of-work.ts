/**
 * An in-memory copy of what storage holds. It must be able to forget, because a block that rolls back leaves it wrong.
 */
export interface Cache {
  /** Called before each block, for a cache that goes back to what it was instead of reading again. */
  begin?: () => void
  /** Called at the end of each block that has not thrown, for a cache that writes what the block has saved. */
  flush?: () => void
  forget: () => void
}

/**
 * Changes storage in synchronous blocks, each of which commits as a whole or not at all. A block must not await or call
 * another object: such a call is made even if the block rolls back.
 */
export class UnitOfWork {
  readonly #storage: DurableObjectStorage
  readonly #caches: Cache[] = []
  #effects: (() => void)[] = []
  #isRunning = false

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage
  }

  /** Registers a cache, which forgets everything whenever a block rolls back. */
  cache<C extends Cache>(cache: C): C {
    this.#caches.push(cache)
    return cache
  }

  /** Runs an effect after the current block commits, and never if it rolls back. */
  afterCommit(effect: () => void) {
    this.#effects.push(effect)
  }

  /**
   * Runs one block, which must not run another. If the block throws, restores storage, empties the caches, and rethrows the
   * error.
   */
  run<T>(work: () => T): T {
    const result = this.#transact(work)
    for (const effect of this.#effects.splice(0)) effect()
    return result
  }

  /** Makes every cache forget. Call it after storage was changed other than by a block. */
  forget() {
    this.#effects = []
    for (const cache of this.#caches) cache.forget()
  }

  #transact<T>(work: () => T): T {
    if (this.#isRunning) throw new Error('A block was run within another')
    this.#isRunning = true
    for (const cache of this.#caches) cache.begin?.()
    try {
      return this.#storage.transactionSync(() => {
        const result = work()
        for (const cache of this.#caches) cache.flush?.()
        return result
      })
    } catch (error) {
      this.forget()
      throw error
    } finally {
      this.#isRunning = false
    }
  }
}
