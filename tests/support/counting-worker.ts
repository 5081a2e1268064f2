import type { Nudge, NudgeAnswer } from '../../objects/group/shapes'
import service, { Mailbox } from '../../src/index'

/**
 * The service as it is built, with a count of the calls that groups make, for a suite that runs it outside of the tests'
 * runtime. `/counts` returns the count, and `/hang?userId=` has the mailbox of that user hang, or of nobody.
 */

export { Group, Mailbox } from '../../src/index'

const pauseMs = 50

const counts = { nudges: 0, tooMuch: 0, hung: 0, repeated: 0 }
/** The number that each mailbox was told last, and when: one that did not answer within a second is told again. */
const told = new Map<string, { seq: number; at: number }>()
const againMs = 900
let hangingUserId = ''

const serviceNudge = Mailbox.prototype.nudge

async function untilReleased(userId: string) {
  counts.hung++
  while (hangingUserId === userId) await new Promise((resolve) => setTimeout(resolve, pauseMs))
}

function count(userId: string, nudge: Nudge) {
  counts.nudges++
  if (nudge.kind === 'out') return
  if (nudge.changes === null) counts.tooMuch++
  const last = told.get(userId)
  const now = Date.now()
  if (last?.seq === nudge.seq && now - last.at < againMs) counts.repeated++
  told.set(userId, { seq: nudge.seq, at: now })
}

async function countedNudge(this: Mailbox, nudge: Nudge): Promise<NudgeAnswer> {
  const userId: string = Reflect.get(this, 'ctx').id.name
  if (hangingUserId === userId) await untilReleased(userId)
  else count(userId, nudge)
  return serviceNudge.call(this, nudge)
}

Object.assign(Mailbox.prototype, { nudge: countedNudge })

export default {
  fetch(request, env, context) {
    const { pathname, searchParams } = new URL(request.url)
    if (pathname === '/counts') return Response.json(counts)
    if (pathname === '/hang') {
      hangingUserId = searchParams.get('userId') ?? ''
      return Response.json(null)
    }
    return service.fetch(request, env, context)
  },
  scheduled: service.scheduled,
} satisfies ExportedHandler<Env>
