import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { CloseIcon } from './icons'

/** The browser's own modal: it traps focus, restores it afterwards, and closes on Escape. */
export function Dialog(props: { title: string; onClose: () => void; children: ComponentChildren }) {
  const titleId = useId()
  const dialog = useRef<HTMLDialogElement>(null)
  // Its event comes later, when another dialog may be open.
  const isGone = useRef(false)
  useEffect(() => {
    const { current } = dialog
    current?.showModal()
    // Only with a physical keyboard: elsewhere, it would open one that covers half of the dialog.
    if (matchMedia('(pointer: fine)').matches) current?.querySelector<HTMLElement>('input, select')?.focus()
    return () => {
      isGone.current = true
      current?.close()
    }
  }, [])
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby={titleId} onClose={() => isGone.current || props.onClose()}>
      <header class="dialog-header">
        <h2 id={titleId} dir="auto">
          {props.title}
        </h2>
        <button type="button" class="icon-button" aria-label="Close" onClick={() => dialog.current?.close()}>
          <CloseIcon />
        </button>
      </header>
      {props.children}
    </dialog>
  )
}
