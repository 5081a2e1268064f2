import { useEffect, useRef } from 'preact/hooks'

/** Focuses the field with this ref once, when it appears. */
export function useFocus() {
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.focus(), [])
  return field
}
