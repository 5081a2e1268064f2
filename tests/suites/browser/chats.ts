// The list of chats, and what people do with a chat.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import type { NpmServer } from '../runtime/npm-start.ts'
import { byKeyboard } from './keyboard.ts'
import { arrive, type Person } from './people.ts'
import type { Step, StoryContext } from './story.ts'
import { type Visitor, visit } from './visitor.ts'

interface Chats {
  ana: Person
  step: Step
}

const rowOf = ({ page }: Person, name: string) => page.getByRole('navigation').getByRole('button', { name })

/** Calls the API with the tokens of a window, as another device of its user would. */
const elsewhere = ({ page }: Person, method: string, path: string, body: object) =>
  page.evaluate(
    async ([ownMethod, ownPath, ownBody]) => {
      const { accessToken } = JSON.parse(sessionStorage.getItem('tokens') ?? '{}')
      const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${accessToken}` }
      const { status } = await fetch(ownPath, { method: ownMethod, headers, body: JSON.stringify(ownBody) })
      if (status >= 300) throw new Error(`${ownMethod} ${ownPath}: ${status}`)
    },
    [method, path, body] as const,
  )

async function stage({ browser, server }: StoryContext) {
  const ana = await arrive(browser, {
    ...{ server, origin: server.origin, phoneNumber: '+12025550120', name: 'Ana Silva' },
  })
  const guests: Visitor[] = []
  for (const [phoneNumber, name] of [
    ['+12025550121', 'Chidi Anagonye'],
    ['+12025550122', 'Dora Lind'],
  ] as const) {
    const guest = await visit(server, phoneNumber)
    await guest.call(name)
    await guest.write(ana.phoneNumber, 'Did you see the lighthouse?')
    guests.push(guest)
  }
  await rowOf(ana, 'Dora Lind').waitFor()
  return { ana, guests }
}

export async function chats(context: StoryContext) {
  const { step, server } = context
  const { ana, guests } = await step('two strangers write to a user', () => stage(context))
  const all = { ana, step }
  await unreadMarks(all, guests[0]?.id ?? '')
  await byKeyboard(ana, guests, step)
  await settings(all)
  await blocking(all)
  await requests(all, server)
  await wholeAccount(all)
  await step('the window logged no error', () => assert.deepEqual(ana.faults, []))
  await ana.context.close()
}

async function unreadMarks({ ana, step }: Chats, chidi: string) {
  const unread = rowOf(ana, 'Chidi Anagonye').getByText('unread')
  await step('a chat marked as unread on another device is cleared by opening it, each time', async () => {
    await ana.open('Chidi Anagonye')
    await unread.waitFor({ state: 'detached' })
    for (let round = 0; round < 2; round++) {
      await ana.open('Dora Lind')
      await elsewhere(ana, 'PATCH', `/v1/chats/${chidi}`, { markedUnread: true })
      await unread.waitFor({ state: 'attached' })
      await ana.open('Chidi Anagonye')
      await unread.waitFor({ state: 'detached' })
    }
  })
}

const choose = async ({ page }: Person, action: string) => {
  await page.getByRole('button', { name: 'Chat actions' }).click()
  await page.getByRole('button', { name: action, exact: true }).click()
}

async function settings({ ana, step }: Chats) {
  const rows = ana.page.getByRole('list', { name: 'Chats', exact: true }).getByRole('listitem')
  const dora = rows.filter({ hasText: 'Dora Lind' })
  const chidi = rows.filter({ hasText: 'Chidi Anagonye' })

  await step('a chat is pinned to the top, muted, and marked as unread', async () => {
    await ana.open('Chidi Anagonye')
    await choose(ana, 'Pin')
    await rows.first().getByText('Chidi Anagonye').waitFor()
    await choose(ana, 'Unpin')
    await rows.first().getByText('Dora Lind').waitFor()
    await choose(ana, 'Mute')
    await chidi.locator('.row-marks').waitFor()
    await choose(ana, 'Unmute')
    await chidi.locator('.row-marks').waitFor({ state: 'detached' })
    await choose(ana, 'Mark as unread')
    await chidi.getByText('unread').waitFor({ state: 'attached' })
    await ana.composer.waitFor({ state: 'detached' })
  })

  await step('an archived chat leaves the list, is found below it, and comes back', async () => {
    await ana.open('Dora Lind')
    await choose(ana, 'Archive')
    await dora.waitFor({ state: 'detached' })
    await ana.page.getByRole('button', { name: 'Archived (1)' }).click()
    await ana.page.getByRole('list', { name: 'Archived chats' }).getByText('Dora Lind').waitFor()
    await choose(ana, 'Unarchive')
    await dora.waitFor()
  })
}

async function blocking({ ana, step }: Chats) {
  await step('a user is reported, blocked after a question, and unblocked', async () => {
    await ana.open('Dora Lind')
    await choose(ana, 'Report…')
    await ana.page.getByLabel('What is wrong?').selectOption('fraud')
    await ana.page.getByLabel('Anything else?').fill('Sells lighthouses')
    await ana.page.getByRole('button', { name: 'Send report' }).click()
    await ana.page.getByRole('alert').getByText('Your report has been sent').waitFor()
    await ana.page.getByRole('dialog').waitFor({ state: 'detached' })
    await choose(ana, 'Block…')
    await ana.page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    await ana.composer.waitFor()
    await choose(ana, 'Block…')
    await ana.page.getByRole('dialog').getByRole('button', { name: 'Block', exact: true }).click()
    await ana.page.getByText('You’ve blocked Dora Lind').waitFor()
    await ana.composer.waitFor({ state: 'detached' })
    await ana.page.getByRole('button', { name: 'Unblock' }).click()
    await ana.composer.waitFor()
  })
}

async function requests({ ana, step }: Chats, server: NpmServer) {
  const list = ana.page.getByRole('list', { name: 'Chats', exact: true })
  const request = ana.page.getByRole('region', { name: 'Message request' })
  await step('a message request is accepted, and another declined', async () => {
    await ana.open('Chidi Anagonye')
    await request.getByRole('button', { name: 'Accept' }).click()
    await request.waitFor({ state: 'detached' })
    const eve = await visit(server, '+12025550123')
    await eve.call('Eve Park')
    await eve.write(ana.phoneNumber, 'Buy my lighthouses!')
    await ana.open('Eve Park')
    const held = Promise.withResolvers<void>()
    await ana.page.route('**/v1/chats/*', (route) => held.promise.then(() => route.continue()))
    await request.getByRole('button', { name: 'Delete' }).click()
    // Whoever has moved on by the time that the server answers is not led back.
    await ana.open('Chidi Anagonye')
    held.resolve()
    await list.getByText('Eve Park').waitFor({ state: 'detached' })
    await ana.page.unroute('**/v1/chats/*')
    await ana.page.evaluate(() => new Promise(requestAnimationFrame))
    await ana.composer.waitFor()
    await list.getByText('Chidi Anagonye').waitFor()
  })

  await step('a chat is cleared after a question', async () => {
    await ana.open('Chidi Anagonye')
    await choose(ana, 'Clear chat…')
    await ana.page.getByRole('dialog').getByRole('button', { name: 'Clear chat', exact: true }).click()
    await list.getByText('Chidi Anagonye').waitFor({ state: 'detached' })
  })
}

async function wholeAccount({ ana, step }: Chats) {
  const account = ana.page.getByRole('button', { name: 'Ana Silva: your account' })
  await step('the account is exported as a file', async () => {
    await account.click()
    const [download] = await Promise.all([
      ana.page.waitForEvent('download'),
      ana.page.getByRole('button', { name: 'Export your data' }).click(),
    ])
    const { profile, reports } = JSON.parse(await readFile(await download.path(), 'utf8'))
    assert.equal(profile.phoneNumber, ana.phoneNumber)
    assert.equal(reports.length, 1)
    assert.equal(reports[0].reason, 'fraud')
    assert.equal(reports[0].comment, 'Sells lighthouses')
    assert.equal(reports[0].messageIds.length, 5)
  })

  await step('the account is deleted, after a question', async () => {
    await ana.page.getByRole('button', { name: 'Delete account…' }).click()
    await ana.page.getByRole('button', { name: 'Cancel' }).click()
    await ana.page.getByRole('button', { name: 'Delete account…' }).click()
    const [response] = await Promise.all([
      ana.page.waitForResponse(/\/v1\/me$/),
      ana.page.getByRole('button', { name: 'Delete account for good' }).click(),
    ])
    assert.equal(response.status(), 204)
    await ana.page.getByLabel('Phone number').waitFor()
    assert.equal(await ana.page.evaluate(() => sessionStorage.length), 0)
  })
}
