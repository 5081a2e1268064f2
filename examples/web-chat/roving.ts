import { useRef, useState } from 'preact/hooks'

/** Where a key leads among so many rows; undefined if it is none of the keys that lead anywhere. */
function targetOf(key: string, index: number, count: number) {
  if (key === 'ArrowDown') return Math.min(index + 1, count - 1)
  if (key === 'ArrowUp') return Math.max(index - 1, 0)
  if (key === 'Home') return 0
  if (key === 'End') return count - 1
  return undefined
}

/**
 * Makes a list of buttons one tab stop: the arrow keys, Home and End move within it. Tab leads to the button that had
 * the focus last, to the current one, or to the first.
 */
export function useRoving(ids: string[], current: string | undefined) {
  const list = useRef<HTMLUListElement>(null)
  const [focused, setFocused] = useState<string>()
  const stop = [focused, current].find((id) => id !== undefined && ids.includes(id)) ?? ids[0]
  const buttons = () => [...(list.current?.querySelectorAll<HTMLButtonElement>('button') ?? [])]
  const onKeyDown = (event: KeyboardEvent) => {
    const all = buttons()
    const target = targetOf(
      event.key,
      all.findIndex((button) => button.matches(':focus')),
      all.length,
    )
    if (target === undefined) return
    event.preventDefault()
    all[target]?.focus()
  }
  return {
    /** For the list. */
    list: { ref: list, onKeyDown },
    /** For the button of one id. */
    rowOf: (id: string) => ({ tabIndex: id === stop ? 0 : -1, onFocus: () => setFocused(id) }),
  }
}
