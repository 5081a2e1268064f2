import { CloseIcon } from './icons'
import { Observable, useChangesOf } from './observable'

const shownMs = 7_000

class Toasts extends Observable {
  items: { id: number; text: string }[] = []
  #lastId = 0

  show(text: string) {
    const id = ++this.#lastId
    this.items = [...this.items.filter((toast) => toast.text !== text), { id, text }]
    setTimeout(() => this.hide(id), shownMs)
    this.changed()
  }

  hide(id: number) {
    this.items = this.items.filter((toast) => toast.id !== id)
    this.changed()
  }
}

export const toasts = new Toasts()

/** In the page from the start: a live region that is inserted along with its text is not read out. */
export function ToastList() {
  useChangesOf(toasts)
  return (
    <div class="toasts" role="alert">
      {toasts.items.map(({ id, text }) => (
        <div class="toast" key={id}>
          <span>{text}</span>
          <button type="button" class="icon-button" aria-label="Dismiss" onClick={() => toasts.hide(id)}>
            <CloseIcon />
          </button>
        </div>
      ))}
    </div>
  )
}
