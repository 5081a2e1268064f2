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
export const GroupIcon = () =>
  icon(
    <path d="M9 11.5a3.2 3.2 0 1 0 0-6.400a3.2 3.2 0 0 0 0 6.400ZM3 19.500c.3-3.300 2.700-5 6-5s5.700 1.700 6 5M15.5 5.400a3.1 3.1 0 0 1 0 5.800M17.500 14.900c2 .6 3.300 2.200 3.500 4.600" />,
  )
export const CheckIcon = () => icon(<path d="M5 12.500l4.5 4.500L19 7.5" />, 20)
export const AttachIcon = () =>
  icon(
    <path d="M19.500 11.500l-7.500 7.500a4.600 4.600 0 0 1-6.500-6.500l8-8a3.100 3.100 0 0 1 4.400 4.400l-8 8a1.500 1.500 0 0 1-2.200-2.200l7-7" />,
  )
export const FileIcon = () =>
  icon(
    <path d="M13.500 4H7.500A1.500 1.500 0 0 0 6 5.500v13A1.500 1.500 0 0 0 7.500 20h9a1.500 1.500 0 0 0 1.500-1.500V8.500ZM13.500 4v4.500H18" />,
  )
export const MutedIcon = () =>
  icon(<path d="M18 16V11a6 6 0 0 0-9-5.200M6.300 9A6 6 0 0 0 6 11v5l-1.500 2H17M10 21h4M4 4l16 16" />, 16)
export const PinnedIcon = () => icon(<path d="M9 4h6l-.800 7 3.300 3.500h-11L9.800 11ZM12 14.500V20" />, 16)
export const BubblesIcon = () =>
  icon(
    <>
      <path d="M4 6.500A2.5 2.5 0 0 1 6.5 4h8A2.5 2.5 0 0 1 17 6.500v4a2.5 2.5 0 0 1-2.5 2.500H9l-3.5 3v-3A2 2 0 0 1 4 11Z" />
      <path d="M20 9.500v6a2.5 2.5 0 0 1-1.5 2.300V20.500l-3-2.500H11" />
    </>,
    56,
  )
