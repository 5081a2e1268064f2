import { useEffect, useState } from 'preact/hooks'

/** Something that changes and notifies its listeners. */
export class Observable {
  readonly #listeners = new Set<() => void>()

  subscribe(listener: () => void) {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  protected changed() {
    for (const listener of this.#listeners) listener()
  }
}

/** Rerenders the calling component whenever `source` changes. */
export function useChangesOf(source: Observable) {
  const [, setVersion] = useState(0)
  useEffect(() => source.subscribe(() => setVersion((version) => version + 1)), [source])
}
