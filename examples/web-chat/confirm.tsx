import type { ComponentChildren } from 'preact'
import { Dialog } from './dialog'

interface ConfirmProps {
  title: string
  children?: ComponentChildren
  /** The name of the button that does it. */
  action: string
  onConfirm: () => void
  onClose: () => void
}

/** Asks before what cannot be undone. */
export const Confirm = ({ title, children, action, onConfirm, onClose }: ConfirmProps) => (
  <Dialog title={title} onClose={onClose}>
    <div class="form">
      <p>{children}</p>
      <button
        type="button"
        class="danger"
        onClick={() => {
          onClose()
          onConfirm()
        }}
      >
        {action}
      </button>
      <button type="button" class="plain" onClick={onClose}>
        Cancel
      </button>
    </div>
  </Dialog>
)
