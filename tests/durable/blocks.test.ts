import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { RowCache } from '../../objects/durable/row-cache'
import { UnitOfWork } from '../../objects/durable/unit-of-work'

type Note = { id: string; seq: number }

const table = { table: 'notes', key: 'id', columns: ['id', 'seq'], isLarge: false } as const

/** The notes of an object, by two caches of the same table: what one writes, a fresh one reads. */
const inNotes = (
  name: string,
  work: (unit: UnitOfWork, notes: RowCache<Note>, stored: () => Note[]) => void,
  { isLarge } = { isLarge: false },
) =>
  runInDurableObject(env.NOTEBOOK.get(env.NOTEBOOK.idFromName(name)), (_, { storage }) => {
    const unit = new UnitOfWork(storage)
    const notes = unit.cache(new RowCache<Note>(storage.sql, { ...table, isLarge }))
    work(unit, notes, () => new RowCache<Note>(storage.sql, table).all())
  })

test('a block writes each row once, when it ends', () =>
  inNotes('once', (unit, notes, stored) => {
    unit.run(() => {
      notes.save({ id: 'a', seq: 1 })
      notes.save({ id: 'a', seq: 2 })
      expect(stored()).toEqual([])
      expect(notes.find('a')).toEqual({ id: 'a', seq: 2 })
      expect(notes.savedInBlock()).toEqual([{ id: 'a', seq: 2 }])
    })
    expect(stored()).toEqual([{ id: 'a', seq: 2 }])
    unit.run(() => notes.save({ id: 'a', seq: 3 }))
    expect(stored()).toEqual([{ id: 'a', seq: 3 }])
    unit.run(() => expect(notes.savedInBlock()).toEqual([]))
  }))

test('what a block saved is gone when it throws', () =>
  inNotes('torn', (unit, notes, stored) => {
    unit.run(() => notes.save({ id: 'a', seq: 1 }))
    const tear = () =>
      unit.run(() => {
        notes.save({ id: 'a', seq: 2 })
        throw new Error('torn')
      })
    expect(tear).toThrow('torn')
    expect(notes.find('a')).toEqual({ id: 'a', seq: 1 })
    unit.run(() => notes.save({ id: 'b', seq: 2 }))
    expect(stored()).toEqual([
      { id: 'a', seq: 1 },
      { id: 'b', seq: 2 },
    ])
  }))

test('nothing is saved outside of a block, and no block runs within another', () =>
  inNotes('outside', (unit, notes, stored) => {
    expect(() => notes.save({ id: 'a', seq: 1 })).toThrow('outside a block')
    const nested = () =>
      unit.run(() => {
        notes.save({ id: 'a', seq: 1 })
        unit.run(() => notes.save({ id: 'b', seq: 2 }))
      })
    expect(nested).toThrow('within another')
    expect(stored()).toEqual([])
    unit.run(() => notes.save({ id: 'c', seq: 3 }))
    expect(stored()).toEqual([{ id: 'c', seq: 3 }])
  }))

test('of a large table, what a block saves is newer than what is read later', () =>
  inNotes(
    'large',
    (unit, notes, stored) => {
      unit.run(() => {
        notes.save({ id: 'a', seq: 1 })
        notes.save({ id: 'b', seq: 2 })
      })
      unit.forget()
      unit.run(() => {
        expect(notes.find('c')).toBeUndefined()
        notes.save({ id: 'a', seq: 7 })
        notes.save({ id: 'c', seq: 5 })
        expect(notes.greatest('seq')).toBe(7)
        expect(notes.find('b')).toEqual({ id: 'b', seq: 2 })
        expect(
          notes
            .all()
            .map(({ seq }) => seq)
            .sort(),
        ).toEqual([2, 5, 7])
      })
      expect(
        stored()
          .map(({ id, seq }) => `${id}${seq}`)
          .sort(),
      ).toEqual(['a7', 'b2', 'c5'])
      expect(notes.greatest('seq')).toBe(7)
    },
    { isLarge: true },
  ))
