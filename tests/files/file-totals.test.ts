import { runInDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { stubOf } from '../support/delivery-faults'
import { newUser } from '../support/users'

const states = ['reserved', 'stored', 'removing'] as const
type State = (typeof states)[number]

const recount = `SELECT coalesce(sum(iif(state = 'removing', 0, size)), 0) AS bytes,
  coalesce(sum(state = 'stored'), 0) AS files FROM files`

test('the storage that is used equals a recount after every kind of change to a file', async () => {
  const user = await newUser()
  await runInDurableObject(stubOf(user.id), (_, { storage: { sql } }) => {
    const expectRecounted = (what: string) =>
      expect(sql.exec('SELECT bytes, files FROM file_totals').one(), what).toEqual(sql.exec(recount).one())
    const insert = (id: string, state: State, size: number) =>
      sql.exec(
        `INSERT INTO files (id, state, name, content_type, size, created_at) VALUES (?, ?, 'x', 'x/x', ?, 0)`,
        id,
        state,
        size,
      )
    for (const [n, from] of states.entries()) {
      insert(`kept ${from}`, from, 1000 * (n + 1))
      expectRecounted(`inserted as ${from}`)
      for (const to of states) {
        insert(`${from} to ${to}`, from, 100)
        sql.exec('UPDATE files SET state = ?, size = ? WHERE id = ?', to, 70, `${from} to ${to}`)
        expectRecounted(`changed from ${from} to ${to}`)
        sql.exec('DELETE FROM files WHERE id = ?', `${from} to ${to}`)
        expectRecounted(`deleted as ${to}`)
      }
    }
  })
})
