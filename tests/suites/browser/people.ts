// A user in front of a window of the demo: what they do and what they see.
import assert from 'node:assert/strict'
import type { Browser, Locator } from 'playwright-core'
import type { NpmServer } from '../runtime/npm-start.ts'
import { openWindow, type Window, type WindowOptions } from './windows.ts'

interface Newcomer extends WindowOptions {
  server: NpmServer
  phoneNumber: string
  /** First and last name. */
  name: string
}

export interface Person extends Window {
  name: string
  phoneNumber: string
  composer: Locator
  bubble: (text: string) => Locator
  /** Opens a chat with the owner of a phone number. */
  find: (phoneNumber: string) => Promise<void>
  open: (peer: string) => Promise<void>
  write: (text: string) => Promise<void>
  sees: (text: string) => Promise<void>
  seesStatus: (text: string, status: string) => Promise<void>
  act: (text: string, action: string) => Promise<void>
  seesTexts: (expected: string[]) => Promise<void>
}

/** Signs in with the code from the terminal. */
async function enter(browser: Browser, { server, origin, phoneNumber, name: _, ...options }: Newcomer) {
  const view = await openWindow(browser, { origin, ...options })
  const { page } = view
  await page.goto('/demo')
  const number = page.getByLabel('Phone number')
  await number.and(page.locator(':focus')).fill(phoneNumber)
  await page.getByRole('button', { name: 'Send code' }).click()
  await page.getByLabel('Code', { exact: true }).fill(await server.codeFor(phoneNumber))
  await page.getByRole('button', { name: 'Sign in' }).click()
  return view
}

/** Signs in for the first time. */
export async function arrive(browser: Browser, newcomer: Newcomer): Promise<Person> {
  const view = await enter(browser, newcomer)
  const { page } = view
  const [firstName = '', lastName = ''] = newcomer.name.split(' ')
  await page.getByLabel('First name').fill(firstName)
  await page.getByLabel('Last name').fill(lastName)
  await page.getByRole('button', { name: 'Save' }).click()
  return atHome(view, newcomer)
}

/** Signs in to an account that has a name. */
export const comeBack = async (browser: Browser, newcomer: Newcomer): Promise<Person> =>
  atHome(await enter(browser, newcomer), newcomer)

async function atHome(view: Window, { name, phoneNumber }: Newcomer) {
  await view.page.getByRole('button', { name: `${name}: your account` }).waitFor()
  return person({ ...view, name, phoneNumber })
}

function person({ page, name, ...rest }: Window & { name: string; phoneNumber: string }): Person {
  const composer = page.getByRole('textbox', { name: 'Message', exact: true })
  const log = page.getByRole('log')
  const bubble = (text: string) => log.locator('article').filter({ hasText: text }).last()
  return {
    ...rest,
    page,
    name,
    composer,
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
    async seesTexts(expected) {
      await page
        .waitForFunction((texts) => {
          const shown = [...document.querySelectorAll('[role=log] article .text')].map((text) => text.textContent)
          return JSON.stringify(shown) === JSON.stringify(texts)
        }, expected)
        .catch(async () => assert.deepEqual(await log.locator('article .text').allTextContents(), expected))
    },
  }
}
