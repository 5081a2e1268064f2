import { useLayoutEffect, useRef, useState } from 'preact/hooks'

const nearPx = 48

/**
 * Keeps the end of the log in view while the reader is there: when messages arrive, pictures load or a keyboard opens.
 * A reader who has scrolled up stays in place.
 */
export function useStickyScroll(target: string | undefined, sent: number) {
  const frame = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const sticks = useRef(true)
  const [isAtEnd, setIsAtEnd] = useState(true)

  const toEnd = () => {
    sticks.current = true
    frame.current?.scrollTo({ top: frame.current.scrollHeight })
  }
  const onScroll = () => {
    const { scrollHeight = 0, scrollTop = 0, clientHeight = 0 } = frame.current ?? {}
    sticks.current = scrollHeight - scrollTop - clientHeight < nearPx
    setIsAtEnd(sticks.current)
  }

  useLayoutEffect(() => {
    const observer = new ResizeObserver(() => sticks.current && toEnd())
    if (frame.current) observer.observe(frame.current)
    if (content.current) observer.observe(content.current)
    return () => observer.disconnect()
  }, [])
  useLayoutEffect(toEnd, [sent])
  useLayoutEffect(() => {
    if (target === undefined) return
    sticks.current = false
    document.getElementById(target)?.scrollIntoView({ block: 'center' })
  }, [target])

  return { frame, content, isAtEnd, onScroll, toEnd }
}
