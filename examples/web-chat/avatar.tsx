import { isGroup } from '../typescript/state'

const tones = 8

/** Always the same for the same user. */
export const toneOf = (id: string) =>
  [...id].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 997, 7) % tones

function initialsOf(name: string) {
  const words = name.split(/\s+/).filter((word) => /^[\p{L}\p{N}]/u.test(word))
  const [first = '', last = ''] = words.length > 1 ? [words[0], words.at(-1)] : words
  return `${[...first][0] ?? '#'}${[...last][0] ?? ''}`.toUpperCase()
}

/** Decorative: the name is always next to it. */
export function Avatar(props: {
  id: string
  name: string
  url?: string | null | undefined
  online?: boolean | undefined
}) {
  return (
    <span
      class={`avatar tone-${toneOf(props.id)}${isGroup(props.id) ? ' of-group' : ''}`}
      data-initials={initialsOf(props.name)}
      aria-hidden="true"
    >
      {props.url && <img src={props.url} alt="" />}
      {props.online && <span class="avatar-online" />}
    </span>
  )
}
