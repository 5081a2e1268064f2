import type { ComponentChildren } from 'preact'

/** Icons are hidden from screen readers: their buttons carry the labels. */
const icon = (paths: ComponentChildren, size = 24) => (
  <svg
    class="icon"
    width={size}
    height={size}
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    stroke-width="1.9"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    {paths}
  </svg>
)

export const BackIcon = () => icon(<path d="M15 5l-7 7 7 7" />)
export const CloseIcon = () => icon(<path d="M6 6l12 12M18 6L6 18" />, 20)
export const SearchIcon = () => icon(<path d="M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM15.5 15.5L20 20" />, 20)
export const SendIcon = () => icon(<path d="M12 19V5M5.5 11.5L12 5l6.5 6.5" />, 22)
export const NewChatIcon = () =>
  icon(<path d="M12 20H5V9a5 5 0 0 1 5-5h4M19.5 4.5l-8 8L11 15l2.5-.5 8-8a1.4 1.4 0 0 0-2-2Z" />)
export const SignOutIcon = () => icon(<path d="M14 4H6v16h8M10 12h10M16.5 8.500L20 12l-3.5 3.5" />)
export const MoreIcon = () => icon(<path d="M6 12h.01M12 12h.01M18 12h.01" stroke-width="3" />, 20)
export const ReplyIcon = () => icon(<path d="M10 7L5 12l5 5M5 12h9a5 5 0 0 1 5 5v1" />, 20)
export const EditIcon = () => icon(<path d="M5 19h3L19 8l-3-3L5 16ZM14 7l3 3" />, 20)
export const DeleteIcon = () => icon(<path d="M5 7h14M10 7V5h4v2M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5" />, 20)
export const RetryIcon = () => icon(<path d="M5 12a7 7 0 1 1 2 5M5 19v-4h4" />, 20)
export const CheckIcon = () => icon(<path d="M5 12.500l4.5 4.500L19 7.5" />, 20)
export const ImageIcon = () =>
  icon(
    <>
      <rect x="4" y="5" width="16" height="14" rx="2.5" />
      <path d="M4.5 16.500L9 12l4 4 2.5-2.5 4 4" />
      <path d="M15 9.500h.01" stroke-width="2.8" />
    </>,
  )
export const BubblesIcon = () =>
  icon(
    <>
      <path d="M4 6.500A2.5 2.5 0 0 1 6.5 4h8A2.5 2.5 0 0 1 17 6.500v4a2.5 2.5 0 0 1-2.5 2.500H9l-3.5 3v-3A2 2 0 0 1 4 11Z" />
      <path d="M20 9.500v6a2.5 2.5 0 0 1-1.5 2.300V20.500l-3-2.500H11" />
    </>,
    56,
  )
