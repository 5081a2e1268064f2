// Somebody in front of a window of the demo: what they do, and what they see.
import assert from 'node:assert/strict'
import { openWindow } from './windows.mjs'

export async function arrive(browser, { server, origin, phoneNumber, name, ...options }) {
  const view = await openWindow(browser, { origin, ...options })
  const { page } = view
  await page.goto('/demo')
  await page.getByLabel('Phone number').fill(phoneNumber)
  await page.getByRole('button', { name: 'Send code' }).click()
  await page.getByLabel('Code', { exact: true }).fill(await server.codeFor(phoneNumber))
  await page.getByRole('button', { name: 'Sign in' }).click()
  const [firstName, lastName = ''] = name.split(' ')
  await page.getByLabel('First name').fill(firstName)
  await page.getByLabel('Last name').fill(lastName)
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('button', { name: `${name}: your account` }).waitFor()
  return person({ ...view, name, phoneNumber })
}

export function person({ page, name, ...rest }) {
  const composer = page.getByRole('textbox', { name: 'Message', exact: true })
  const log = page.getByRole('log')
  const bubble = (text) => log.locator('article').filter({ hasText: text }).last()
  return {
    ...rest,
    page,
    name,
    composer,
    log,
    bubble,
    async find(phoneNumber) {
      await page.getByRole('button', { name: 'New chat' }).click()
      await page.getByLabel('Their phone number').fill(phoneNumber)
      await page.getByRole('dialog').getByRole('button', { name: 'Start a chat' }).click()
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      await composer.waitFor()
    },
    open: (peer) => page.getByRole('navigation').getByRole('button', { name: peer }).click(),
    async write(text) {
      await composer.fill(text)
      await composer.press('Enter')
    },
    sees: (text) => bubble(text).waitFor(),
    seesStatus: (text, status) => bubble(text).getByText(status, { exact: true }).waitFor({ state: 'attached' }),
    async act(text, action) {
      await bubble(text).hover()
      await bubble(text).getByRole('button', { name: 'Message actions' }).click()
      await bubble(text).getByRole('button', { name: action, exact: true }).click()
    },
    texts: () => log.locator('article .text').allTextContents(),
    async seesTexts(expected) {
      await page
        .waitForFunction((texts) => {
          const shown = [...document.querySelectorAll('[role=log] article .text')].map((text) => text.textContent)
          return JSON.stringify(shown) === JSON.stringify(texts)
        }, expected)
        .catch(async () => assert.deepEqual(await this.texts(), expected))
    },
  }
}
