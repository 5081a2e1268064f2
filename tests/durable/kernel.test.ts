import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sized } from '../support/run-size'

// After an abort a stub keeps failing, so each call takes a new one.
const notebook = (name: string) => env.NOTEBOOK.getByName(name)

type Step = { kind: 'write' | 'tear' | 'writeAndCrash' | 'crash' | 'ring'; id: string }

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom<Step['kind']>('write', 'write', 'tear', 'writeAndCrash', 'crash', 'ring'),
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
  }),
  { minLength: 5, maxLength: 25 },
)

/** Writes as a client does: an unacknowledged write may or may not be stored. */
async function take(name: string, step: Step, acknowledged: Map<string, number>, inDoubt: Set<string>) {
  if (step.kind === 'crash') return abortAllDurableObjects()
  if (step.kind === 'ring') return runDurableObjectAlarm(notebook(name))
  const writing = notebook(name).write(step.id, { torn: step.kind === 'tear' })
  if (step.kind === 'writeAndCrash') await abortAllDurableObjects()
  const seq = await writing.catch(() => 'lost' as const)
  if (typeof seq === 'number') {
    expect(acknowledged.get(step.id) ?? seq, 'a repeated write has the same number').toBe(seq)
    acknowledged.set(step.id, seq)
  } else if (step.kind === 'writeAndCrash') inDoubt.add(step.id)
}

/** Runs the alarm until its work is done; the platform may run it at the same time. */
const rest = (name: string) =>
  expect
    .poll(async () => {
      await runDurableObjectAlarm(notebook(name))
      const { notes, printed } = await notebook(name).read()
      return notes.length - printed.length
    })
    .toBe(0)

/** Rows are cached in no particular order. */
async function contents(name: string) {
  const { notes, printed } = await notebook(name).read()
  return { notes: notes.toSorted((a, b) => a.seq - b.seq), printed }
}

let runs = 0

describe('an object built on the kernel', () => {
  test('keeps what it acknowledged exactly once, through crashes and rolled-back blocks', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        const name = `notebook ${runs++}`
        const acknowledged = new Map<string, number>()
        const inDoubt = new Set<string>()
        for (const step of taken) await take(name, step, acknowledged, inDoubt)
        await rest(name)
        const inMemory = await contents(name)
        await abortAllDurableObjects()
        const { notes, printed } = await contents(name)

        expect(inMemory, 'memory holds what storage holds').toEqual({ notes, printed })
        const ids = notes.map(({ id }) => id).sort()
        expect(ids.filter((id) => !inDoubt.has(id))).toEqual(
          [...acknowledged.keys()].filter((id) => !inDoubt.has(id)).sort(),
        )
        for (const { id, seq } of notes) expect(acknowledged.get(id) ?? seq).toBe(seq)
        expect(
          notes.map(({ seq }) => seq),
          'numbers without a gap or a repeat',
        ).toEqual(notes.map((_, index) => index + 1))
        expect(printed, 'the alarm did its job for each, once').toEqual(ids.map((id) => ({ id, copies: 1 })))
      }),
      { numRuns: sized(15, 100), seed: 20261129 },
    )
  })

  test('rolls a block back as a whole, in storage and in memory', async () => {
    await notebook('torn').write('first', { torn: false })
    expect(await notebook('torn').write('second', { torn: true })).toBe('torn')
    expect((await notebook('torn').read()).notes).toEqual([{ id: 'first', seq: 1 }])
    expect(await notebook('torn').write('third', { torn: false })).toBe(2)
  })

  test('sets the alarm again when the block that had set it was rolled back', async () => {
    const alarm = () => runInDurableObject(notebook('alarm'), (_, { storage }) => storage.getAlarm())
    expect(await notebook('alarm').write('first', { torn: true })).toBe('torn')
    expect(await alarm()).toBeNull()
    expect(await notebook('alarm').write('second', { torn: false })).toBe(1)
    expect(await alarm()).not.toBeNull()
  })
})
