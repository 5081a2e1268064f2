import { useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks'
import type { Message } from '../typescript/schema'
import { LogWindow } from './log-window'

const nearPx = 48

/**
 * Keeps the end of the log in view while the reader is there: when messages arrive, pictures load or a keyboard opens.
 * A reader who has scrolled up stays in place. Only the messages near what is seen are in the page.
 */
export function useLogScroll(messages: Message[], { target, sent }: { target: string | undefined; sent: number }) {
  const [log] = useState(() => new LogWindow())
  const [, renew] = useReducer((version: number) => version + 1, 0)
  const [isAtEnd, setIsAtEnd] = useState(true)
  const frame = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const focused = useRef<Element>(null)

  const { activeElement } = document
  focused.current = content.current?.contains(activeElement) ? activeElement : null
  const rows = log.rowsOf(messages, [target, focused.current?.closest('article')?.id])

  const check = () => log.isEnough() || renew(undefined)
  const onScroll = () => {
    const { scrollHeight = 0, scrollTop = 0, clientHeight = 0 } = frame.current ?? {}
    log.isAtEnd = scrollHeight - scrollTop - clientHeight < nearPx
    setIsAtEnd(log.isAtEnd)
    check()
  }
  /** At once: on a smooth way through the whole log, every message would come into the page, and move the end. */
  const onKeyDown = (event: KeyboardEvent) => {
    const jump = { Home: () => log.toStart(), End: () => log.toEnd() }[event.key]
    if (!jump || event.target !== frame.current) return
    event.preventDefault()
    jump()
  }

  useLayoutEffect(() => {
    log.frame = frame.current
    log.content = content.current
    const observer = new ResizeObserver(() => {
      log.resized()
      check()
    })
    if (frame.current) observer.observe(frame.current)
    if (content.current) observer.observe(content.current)
    return () => observer.disconnect()
  }, [])
  useLayoutEffect(() => {
    log.settle()
    // Moving an element in the page takes the focus away from it.
    const { current } = focused
    if (current instanceof HTMLElement && current.isConnected && document.activeElement === document.body)
      current.focus({ preventScroll: true })
    check()
  })
  useLayoutEffect(() => log.toEnd(), [sent])
  useLayoutEffect(() => {
    if (target === undefined) return
    log.isAtEnd = false
    document.getElementById(target)?.scrollIntoView({ block: 'center' })
  }, [target])

  return { frame, content, rows, isAtEnd, onScroll, onKeyDown, toEnd: () => log.toEnd() }
}
