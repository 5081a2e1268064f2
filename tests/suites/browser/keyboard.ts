// How people who use the keyboard, or a screen reader, move through the demo.
import assert from 'node:assert/strict'
import type { Person } from './people.ts'
import type { Step } from './story.ts'
import type { Visitor } from './visitor.ts'

const focusedName = ({ page }: Person) => page.evaluate(() => document.activeElement?.textContent ?? '')

export async function byKeyboard(ana: Person, [chidi, dora]: Visitor[], step: Step) {
  const { page } = ana
  if (!chidi || !dora) throw new Error('There are two guests.')

  await step('the list of chats is one tab stop with arrow keys, and its rows say what is in them', async () => {
    await dora.write(ana.phoneNumber, 'The ferry leaves at seven')
    await page
      .getByRole('button', { name: /^Dora Lind\s*, The ferry leaves at seven\s*, \d.*, 1 unread message$/ })
      .waitFor()
    await page.getByRole('searchbox').focus()
    await page.keyboard.press('Tab')
    assert.match(await focusedName(ana), /^Chidi Anagonye, Did you see the lighthouse\?, ?\d/, 'the open chat')
    await page.keyboard.press('ArrowUp')
    assert.match(await focusedName(ana), /^Dora Lind/)
    await page.keyboard.press('ArrowUp')
    assert.match(await focusedName(ana), /^Dora Lind/, 'the first row')
    await page.keyboard.press('End')
    assert.match(await focusedName(ana), /^Chidi Anagonye/)
    await page.keyboard.press('Home')
    await page.keyboard.press('Tab')
    assert.doesNotMatch(await focusedName(ana), /Chidi Anagonye/, 'a second tab leaves the list')
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Dora Lind' }).waitFor()
  })

  await step('who reads further up is told how many messages are new', async () => {
    for (let n = 1; n <= 15; n++) await ana.write(`Line ${n}`)
    await ana.bubble('Line 15').getByText('Delivered', { exact: true }).waitFor({ state: 'attached' })
    await page.getByRole('log').evaluate((log) => log.scrollTo({ top: 0 }))
    await page.getByRole('button', { name: 'Go to latest message' }).waitFor()
    for (const text of ['One', 'Two', 'Three']) await dora.write(ana.phoneNumber, text)
    const toEnd = page.getByRole('button', { name: 'Go to latest message, 3 new' })
    await toEnd.getByText('3').waitFor()
    await toEnd.click()
    await toEnd.waitFor({ state: 'detached' })
  })
}
