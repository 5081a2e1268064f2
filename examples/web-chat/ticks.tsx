export type Progress = 'pending' | 'sent' | 'delivered' | 'read' | 'failed'

const words = {
  pending: 'Waiting to be sent',
  sent: 'Sent',
  delivered: 'Delivered',
  read: 'Read',
  failed: 'Not sent',
} satisfies Record<Progress, string>

const clockFace = (
  <>
    <circle cx="8" cy="6" r="4.6" />
    <path d="M8 3.600V6l1.6 1.2" />
  </>
)
const exclamation = <path d="M8 1.500v5.500M8 10.200v.1" stroke-width="2" />
const oneTick = <path d="M3.5 6.500l3 3 6-7" />
const twoTicks = <path d="M.8 6.500l3 3 6-7M6.8 8.700l.8.8 6-7" />

const shapes = { pending: clockFace, sent: oneTick, delivered: twoTicks, read: twoTicks, failed: exclamation }

/** How far one of the user's messages got: by shape, by color and in words. `dir`: no part of the text next to it. */
export function Ticks({ status }: { status: Progress }) {
  return (
    <span class="ticks" dir="ltr" data-status={status} title={words[status]}>
      <svg
        width="16"
        height="12"
        viewBox="0 0 16 12"
        fill="none"
        stroke="currentColor"
        stroke-width="1.5"
        stroke-linecap="round"
        stroke-linejoin="round"
        aria-hidden="true"
      >
        {shapes[status]}
      </svg>
      <span class="hidden">{words[status]}</span>
    </span>
  )
}
