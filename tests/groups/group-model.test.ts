import { beforeAll, expect, test } from 'vitest'
import type { GroupChanges } from '../../schemas/group-changes'
import { limits } from '../../src/core/limits'
import { story } from '../model/journal'
import { send } from '../support/chat-calls'
import { allChanges, changesOf, groupOf } from '../support/group-calls'
import { GroupCopy } from '../support/group-copy'
import { sized } from '../support/run-size'
import type { TestUser } from '../support/users'
import { commands } from './model/commands'
import { commandsPerPhase, narrow, phasesPerRun, type RunResult, runOnce } from './model/run'

/**
 * Random histories of a group, in which calls between its object and the mailboxes fail in every way and objects go away.
 * After each phase, once every alarm has rung, the group holds what acknowledged calls have made of it, and every device
 * shows what the group holds for its user, over HTTP, over a socket, or over both.
 *
 * Some rules matter so seldom that a random history hardly ever meets them. Each was taken out of the code once, and the
 * tests named here failed; files are those of this folder, or of the one named.
 *
 * | rule | where it is | what fails without it |
 * |---|---|---|
 * | a nudge does not hush a mailbox that is not dirty | mailbox, nudges | `group-rules`: repeated after a crash |
 * | nor one that is asking | mailbox, nudges | `group-rules`: repeated during a check |
 * | an answer that a check has overtaken does not hush | passes | `group-races` |
 * | a call that failed is owed | passes | `group-nudges`: a mailbox that could not be called |
 * | what is owed is called however busy the group is | passes | `group-nudges`: a mailbox that could not be called |
 * | a late answer settles it only if others were told no more | passes | `group-races` |
 * | all were told what a pass began with, not what came since | passes | `group-races`, `group-nudges` |
 * | a pass that never ends is given up | passes | `group-rules` |
 * | a pass does not wait for the slow | passes | `group-races`: a mailbox that hangs |
 * | membership is looked at when a call is made | passes | `group-rules` |
 * | a member's own change is told to them | passes | `group-rules` |
 * | frames follow on the last common change | passes | `group-rules` |
 * | a hush, and a check, are believed for a week | passes, checks | `group-rules` |
 * | a nudge during a check leaves the group dirty | checks | `group-races` |
 * | a check is repeated while a socket is open | checks | `group-late-news` |
 * | what a check learns goes to the sockets | mailbox, rows | `group-late-news` |
 * | memberships are numbered, and older ones change nothing | mailbox, rows | `group-removal` |
 * | a nudge makes a row where there is none | mailbox, nudges | `group-late-news`, and every other |
 * | the answer to a creation leaves the group dirty | mailbox, member calls | `group-rules` |
 * | any answer "no member" ends a membership | group client, checks | `group-rules` |
 * | changes are cut to what a member may see | changes | `group-rules` |
 * | an account that is gone leaves | passes | `group-rules` |
 * | a cursor names its membership | changes | `group-rules`, `group-removal` |
 * | a group that has ended answers so for ever, and is not erased while it owes | ending, erasure | `group-end` |
 * | a restored group goes on above its numbers, and tells all | restore | `group-restore` |
 * | a restored mailbox takes its groups for dirty | mailbox, tables | `group-restore` |
 * | clients apply, drop or fetch by `from` and `version`, and drop what came too late | the kit | `realtime/client-groups` |
 */

const { VITE_GROUP_RUNS, VITE_GROUP_SEED } = import.meta.env
const runs = Number(VITE_GROUP_RUNS ?? sized(4, 24))
const firstSeed = Number(VITE_GROUP_SEED ?? 20_261_130)

/** With fewer runs, something may well never happen. */
const runsForTotals = 20

const sum = (results: RunResult[], what: 'commands' | 'faults') => {
  const totals = new Map<string, number>()
  for (const result of results)
    for (const [name, count] of result[what]) totals.set(name, (totals.get(name) ?? 0) + count)
  return totals
}

const spelled = (totals: Map<string, number>) => [...totals].map(([name, count]) => `${name} ${count}`).join(', ')

beforeAll(() => {
  // Thousands of requests log, and a failing check reports everything that they would say.
  for (const level of ['log', 'info', 'warn', 'error'] as const) console[level] = () => undefined
})

test(`any history of a group keeps its promises (${runs} runs, seed ${firstSeed})`, {
  timeout: 3_600_000,
}, async ({ task }) => {
  const wide = Object.fromEntries(Object.keys(narrow).map((name) => [name, Reflect.get(limits, name)]))
  const { groupMarksShownMax } = limits
  Object.assign(limits, narrow)
  const results: RunResult[] = []
  try {
    for (let run = 0; run < runs; run++) {
      const seed = firstSeed + run
      await runOnce(seed).then(
        (result) => results.push(result),
        (error) => expect.fail(`Repeat it with VITE_GROUP_SEED=${seed} VITE_GROUP_RUNS=1\n${story(error)}`),
      )
    }
  } finally {
    Object.assign(limits, wide, { groupMarksShownMax })
  }
  const [done, faults] = [sum(results, 'commands'), sum(results, 'faults')]
  const perRun = [...faults.values()].reduce((total, count) => total + count, 0) / runs
  const [applied, fetches] = (['applied', 'fetches'] as const).map((what) =>
    results.reduce((total, result) => total + result[what], 0),
  )
  task.meta.note = `groups: ${runs} runs of ${phasesPerRun * commandsPerPhase} commands, seed ${firstSeed}, ${perRun.toFixed(1)} faults a run: ${spelled(faults)}; ${spelled(done)}; ${applied} frames applied, ${fetches} fetches`
  if (runs < runsForTotals) return
  expect([...done.keys()].toSorted()).toEqual(Object.keys(commands).toSorted())
  expect(perRun).toBeGreaterThan(10)
})

test('a fresh start and every cursor before it lead to the same', async () => {
  const { group, users } = await groupOf(2)
  const [ana, ben] = users as [TestUser, TestUser]
  const pages: GroupChanges[] = [await changesOf(ben, group)]
  for (let n = 0; n < 5; n++) {
    await send(ana, group, `t${n}`)
    pages.push(await changesOf(ben, group, pages.at(-1)?.cursor))
  }
  const end = await changesOf(ben, group)
  const whole = new GroupCopy(ben.id)
  whole.take(end)
  for (const [at] of pages.entries()) {
    const copy = new GroupCopy(ben.id)
    for (const page of pages.slice(0, at + 1)) copy.take(page)
    for (const page of await allChanges(ben, group, pages[at]?.cursor)) copy.take(page)
    expect(copy.shown()).toEqual(whole.shown())
  }
})
