import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { MoreIcon } from './icons'

const panelPx = 300

/** The direction in which a panel next to the button fits. */
function roomAround(button: HTMLButtonElement) {
  const { top, left, right } = button.getBoundingClientRect()
  const room = getComputedStyle(button).direction === 'rtl' ? right : innerWidth - left
  return `${top > innerHeight / 2 ? 'up' : 'down'} ${room < panelPx ? 'startward' : 'endward'}`
}

/** A button that opens a panel of buttons. Escape, a click elsewhere or a choice closes it. */
export function Menu({ label, children }: { label: string; children: ComponentChildren }) {
  const [opens, setOpens] = useState<string>()
  const frame = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const close = () => setOpens(undefined)

  useEffect(() => {
    if (!opens) return
    frame.current?.querySelector<HTMLButtonElement>('.panel button')?.focus()
    const closeOutside = ({ target }: Event) => target instanceof Node && !frame.current?.contains(target) && close()
    document.addEventListener('pointerdown', closeOutside)
    return () => document.removeEventListener('pointerdown', closeOutside)
  }, [opens])

  const toggle = () => setOpens(opens || !button.current ? undefined : roomAround(button.current))
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !opens) return
    event.stopPropagation()
    close()
    button.current?.focus()
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape bubbles up from the buttons inside
    <div class="actions" ref={frame} onKeyDown={onKeyDown}>
      <button
        type="button"
        class="icon-button"
        ref={button}
        aria-label={label}
        aria-expanded={opens !== undefined}
        onClick={toggle}
      >
        <MoreIcon />
      </button>
      {opens && (
        // biome-ignore lint/a11y/noStaticElementInteractions: the click is on a button inside
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard clicks that button too
        <div class={`panel ${opens}`} onClick={close}>
          {children}
        </div>
      )}
    </div>
  )
}
