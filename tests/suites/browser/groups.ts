// Three windows in one group, and what each of them sees of what the others do.
import assert from 'node:assert/strict'
import path from 'node:path'
import { scrollAll } from './long-chat.ts'
import { assertAccessible } from './looks.ts'
import { arrive, type Person } from './people.ts'
import type { Step, StoryContext } from './story.ts'
import { visit } from './visitor.ts'

const title = 'Lighthouse keepers'
const newTitle = 'Keepers of the north'
const question = 'Who has the keys?'
const answer = 'They are on the hook'

interface Trio {
  ana: Person
  ben: Person
  chidi: Person
  step: Step
}

const rowOf = ({ page }: Person, name: string) => page.getByRole('navigation').getByRole('button', { name })

const seesEvent = ({ page }: Person, words: string) =>
  page
    .getByRole('log')
    .locator('article.event')
    .filter({ hasText: new RegExp(words.replaceAll('*', '.?')) })
    .waitFor()

async function stage({ browser, server }: StoryContext) {
  const common = { server, origin: server.origin }
  const ana = await arrive(browser, { ...common, phoneNumber: '+12025550160', name: 'Ana Silva' })
  const ben = await arrive(browser, { ...common, phoneNumber: '+12025550161', name: 'Ben Okoro' })
  const chidi = await arrive(browser, { ...common, phoneNumber: '+12025550162', name: 'Chidi Anagonye' })
  for (const person of [ben, chidi]) {
    await ana.find(person.phoneNumber)
    await ana.write('Ahoy!')
    await ana.sees('Ahoy!')
  }
  return { ana, ben, chidi }
}

async function create({ ana, ben, chidi, step }: Trio) {
  await step('a group is created with a title and members, and all of them see it', async () => {
    const { page } = ana
    await page.getByRole('button', { name: 'New chat' }).click()
    await page.getByRole('button', { name: 'New group' }).click()
    await page.getByLabel('Title').fill(title)
    for (const name of ['Ben Okoro', 'Chidi Anagonye']) await page.getByRole('checkbox', { name }).check()
    await assertAccessible(page, 'the dialog for a new group')
    await page.getByRole('button', { name: 'Create group' }).click()
    await page.getByRole('heading', { name: title, exact: true }).waitFor()
    await page.getByText('3 members').waitFor()
    await seesEvent(ana, 'You created the group')
    await seesEvent(ana, 'You added .*Ben Okoro.* and .*Chidi Anagonye')
    for (const person of [ben, chidi]) {
      await rowOf(person, title)
        .getByText(/Ana Silva.* added/)
        .waitFor()
      await person.open(title)
      await seesEvent(person, 'Ana Silva.* added ')
    }
  })
}

async function write({ ana, ben, chidi, step }: Trio) {
  await step('a message shows its sender to the others, and who is typing', async () => {
    const typing = ben.page.getByRole('region', { name: 'Open chat' }).getByText(/Ana Silva.* is typing…/)
    await ana.composer.pressSequentially(question)
    await typing.waitFor()
    await ana.composer.press('Enter')
    for (const person of [ben, chidi]) {
      await person.sees(question)
      await person.bubble(question).locator('.sender').getByText('Ana Silva').waitFor()
    }
    assert.equal(await ana.bubble(question).locator('.sender').count(), 0)
    await typing.waitFor({ state: 'detached' })
  })

  await step('a message is read once all have read it, and says by whom', async () => {
    await ana.seesStatus(question, 'Read')
    await ana.act(question, 'Read by 2…')
    const readers = ana.page.getByRole('list', { name: 'Read by' }).getByRole('listitem')
    for (const name of ['Ben Okoro', 'Chidi Anagonye']) await readers.filter({ hasText: name }).waitFor()
    await assertAccessible(ana.page, 'who has read a message')
    await ana.page.keyboard.press('Escape')
  })

  await step('reactions of several are counted', async () => {
    for (const person of [ben, chidi]) await person.act(question, 'React with 👍')
    const reaction = ana.bubble(question).getByRole('button', { name: '👍 2 by Ben Okoro and Chidi Anagonye' })
    await reaction.getByText('2', { exact: true }).waitFor()
  })
}

async function mention({ ana, ben, chidi, step }: Trio) {
  await step('typing @ offers members, chosen by keyboard; whom it mentions sees a mark', async () => {
    await ana.open('Chidi Anagonye')
    const { page, composer } = ben
    await composer.pressSequentially(`${answer}, @`)
    const options = page.getByRole('listbox', { name: 'Members to mention' }).getByRole('option')
    await options.filter({ hasText: 'Ana Silva' }).waitFor()
    assert.equal(await options.count(), 2)
    await assertAccessible(page, 'the list of members to mention')
    await composer.press('ArrowDown')
    await options.and(page.locator('[aria-selected=true]')).getByText('Chidi').waitFor()
    await composer.press('Escape')
    await options.first().waitFor({ state: 'detached' })
    await composer.pressSequentially('si')
    await composer.press('Backspace')
    await composer.press('Backspace')
    await composer.press('Backspace')
    await composer.pressSequentially('@si')
    assert.equal(await options.count(), 1)
    await composer.press('Enter')
    assert.equal(await composer.inputValue(), `${answer}, @Ana Silva `)
    await composer.press('Enter')
    await rowOf(ana, title).getByText('you are mentioned', { exact: true }).waitFor({ state: 'attached' })
    await rowOf(ana, title)
      .getByText('1 unread message')
      .waitFor({ state: 'attached' })
      .catch(() => {})
    await ana.open(title)
    await ana.bubble(answer).getByText('mentions you').waitFor({ state: 'attached' })
    await ana.bubble(answer).locator('.mention').getByText('@Ana Silva').waitFor()
    assert.equal(await chidi.bubble(answer).getByText('mentions you').count(), 0)
    await rowOf(ana, title).getByText('you are mentioned').waitFor({ state: 'detached' })
  })
}

async function looks({ ana, step }: Trio, screenshots: string) {
  await step('a group is accessible at both widths, light and dark, and from right to left', async () => {
    const { page } = ana
    for (const viewport of [
      { width: 390, height: 844 },
      { width: 1280, height: 800 },
    ])
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.setViewportSize(viewport)
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        const name = `group-${viewport.width}${colorScheme === 'dark' ? '-dark' : ''}`
        await page.screenshot({ path: path.join(screenshots, `${name}.png`) })
        await assertAccessible(page, name)
        await page.getByRole('button', { name: 'Group info' }).click()
        await page.screenshot({ path: path.join(screenshots, `${name}-info.png`) })
        await assertAccessible(page, `${name}-info`)
        await page.keyboard.press('Escape')
        await page.getByRole('dialog').waitFor({ state: 'detached' })
      }
    await page.emulateMedia({ colorScheme: 'light' })
    await page.evaluate(() => document.documentElement.setAttribute('dir', 'rtl'))
    await page.screenshot({ path: path.join(screenshots, 'group-1280-rtl.png') })
    await assertAccessible(page, 'a group from right to left')
    await page.evaluate(() => document.documentElement.removeAttribute('dir'))
  })
}

async function change({ ana, ben, chidi, step }: Trio, screenshots: string) {
  const dialog = ana.page.getByRole('dialog')
  await step('a new title shows in all windows, in words, too', async () => {
    await ana.page.getByRole('button', { name: 'Group info' }).click()
    await dialog.getByLabel('Title').fill(newTitle)
    await dialog.getByRole('button', { name: 'Save' }).click()
    for (const person of [ben, chidi]) {
      await person.page.getByRole('heading', { name: newTitle, exact: true }).waitFor()
      await rowOf(person, newTitle).waitFor()
      await seesEvent(person, `Ana Silva.* named the group .*${newTitle}`)
    }
  })

  await step('a member becomes an admin, while another looks at the members', async () => {
    await ben.page.getByRole('button', { name: 'Group info' }).click()
    const shown = ben.page.getByRole('list', { name: 'Members' }).getByRole('listitem')
    await shown.filter({ hasText: 'Ana Silva' }).getByText('Owner').waitFor()
    await dialog.getByRole('button', { name: 'Actions for Chidi Anagonye' }).click()
    await assertAccessible(ana.page, 'the actions for a member')
    await ana.page.screenshot({ path: path.join(screenshots, 'group-1280-actions.png') })
    await dialog.getByRole('button', { name: 'Make admin' }).click()
    await shown.filter({ hasText: 'Chidi Anagonye' }).getByText('Admin').waitFor()
    await seesEvent(chidi, 'Ana Silva.* made you an admin')
    // Neither is for a member to change.
    assert.equal(await ben.page.getByRole('dialog').getByLabel('Title').count(), 0)
    assert.equal(
      await ben.page
        .getByRole('dialog')
        .getByRole('button', { name: /^Actions for/ })
        .count(),
      0,
    )
    await ben.page.keyboard.press('Escape')
  })

  await step('whoever is removed while they look loses the group at once, and the others see it', async () => {
    await chidi.sees(question)
    await dialog.getByRole('button', { name: 'Actions for Chidi Anagonye' }).click()
    await dialog.getByRole('button', { name: 'Remove from group…' }).click()
    await ana.page.getByRole('button', { name: 'Remove', exact: true }).click()
    await chidi.page
      .getByRole('alert')
      .getByText(/You’re no longer in .*Keepers of the north/)
      .waitFor()
    await rowOf(chidi, newTitle).waitFor({ state: 'detached' })
    await chidi.page.getByRole('heading', { name: 'No chat selected' }).waitFor()
    assert.equal(await chidi.page.getByText(question).count(), 0)
    await assertAccessible(chidi.page, 'after a removal')
    await chidi.page.reload()
    await rowOf(chidi, 'Ana Silva').waitFor()
    assert.equal(await rowOf(chidi, newTitle).count(), 0)
    await ana.page.keyboard.press('Escape')
    for (const person of [ana, ben]) await seesEvent(person, 'removed .*Chidi Anagonye')
    await ben.page.getByText('2 members').waitFor()
  })

  await step('a member is added again, and another leaves after a question', async () => {
    await ana.page.getByRole('button', { name: 'Group info' }).click()
    await dialog.getByRole('button', { name: 'Add members' }).click()
    await dialog.getByRole('checkbox', { name: 'Chidi Anagonye' }).check()
    await assertAccessible(ana.page, 'adding members')
    await dialog.getByRole('button', { name: 'Add', exact: true }).click()
    await rowOf(chidi, newTitle).waitFor()
    await chidi.open(newTitle)
    await chidi.sees(question)
    await ana.page.keyboard.press('Escape')
    await ben.page.getByRole('button', { name: 'Group info' }).click()
    await ben.page.getByRole('button', { name: 'Leave group…' }).click()
    await ben.page.getByRole('button', { name: 'Leave group', exact: true }).click()
    await rowOf(ben, newTitle).waitFor({ state: 'detached' })
    for (const person of [ana, chidi]) await seesEvent(person, 'Ben Okoro.* left')
  })
}

/** So many come first of a group. */
const firstPage = 50
const lines = 160

async function older({ ana, step }: Trio, { server }: StoryContext) {
  await step('older messages are loaded while scrolling up, and nothing jumps', async () => {
    const dora = await visit(server, '+12025550163')
    await dora.call('Dora Lind')
    const groupId = await dora.gather('Ferry', [])
    for (let n = 0; n < lines; n += lines / 2)
      await dora.sendAll(
        groupId,
        Array.from({ length: lines / 2 }, (_, more) => `Line ${n + more}: ${'the ferry is late '.repeat(more % 9)}`),
      )
    await dora.add(groupId, [await dora.find(ana.phoneNumber)])
    await rowOf(ana, 'Ferry').click()
    await ana.sees(`Line ${lines - 1}`)
    const held = await ana.bubble(`Line ${lines - 1}`).getAttribute('aria-setsize')
    assert.ok(Number(held) <= firstPage * 2, `${held} messages are held at first`)
    const oldest = ana.page.getByRole('log').getByText(/Dora Lind.? created the group/)
    for (let times = 0; times < lines && !(await oldest.isVisible()); times++) {
      const { off } = await scrollAll(ana, 'up')
      assert.ok(off < 2, `${off} pixels off`)
    }
    await oldest.waitFor()
    await ana.sees('Line 0:')
  })
}

export async function groups(context: StoryContext) {
  const { step, screenshots } = context
  const people = await step('three users know each other', () => stage(context))
  const trio = { ...people, step }
  await create(trio)
  await write(trio)
  await mention(trio)
  await looks(trio, screenshots)
  await change(trio, screenshots)
  await older(trio, context)
  const all = Object.values(people)
  await step('no window logged an error', () =>
    assert.deepEqual(
      all.flatMap(({ faults }) => faults),
      [],
    ),
  )
  await Promise.all(all.map((person) => person.context.close()))
}
