const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'long' })
const dayAndMonth = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })
const fullDay = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' })
const fullDate = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' })

const midnight = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()

/** Rounded, because the day of a clock change has 23 or 25 hours. */
const daysAgo = (date: Date) => Math.round((midnight(new Date()) - midnight(date)) / 86_400_000)

export const timeOfDay = (timestamp: string) => clock.format(new Date(timestamp))

/** For a row in the chat list: the more recent, the more precise. */
export function shortTime(timestamp: string) {
  const date = new Date(timestamp)
  const days = daysAgo(date)
  if (days <= 0) return clock.format(date)
  if (days === 1) return 'Yesterday'
  if (days < 7) return weekday.format(date)
  return date.getFullYear() === new Date().getFullYear() ? dayAndMonth.format(date) : fullDate.format(date)
}

/** For the divider between the messages of two days. */
export function dayName(timestamp: string) {
  const date = new Date(timestamp)
  const days = daysAgo(date)
  if (days <= 0) return 'Today'
  if (days === 1) return 'Yesterday'
  return date.getFullYear() === new Date().getFullYear() ? fullDay.format(date) : fullDate.format(date)
}

export function lastSeen(timestamp: string) {
  const days = daysAgo(new Date(timestamp))
  if (days <= 0) return `last seen at ${timeOfDay(timestamp)}`
  return `last seen ${days === 1 ? 'yesterday' : 'on'} ${days === 1 ? `at ${timeOfDay(timestamp)}` : shortTime(timestamp)}`
}
