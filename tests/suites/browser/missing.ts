// What the demo shows where there is nothing, nothing yet, or nothing to be had.
import assert from 'node:assert/strict'
import type { Page, Route } from 'playwright-core'
import { assertAccessible } from './looks.ts'
import { arrive } from './people.ts'
import type { StoryContext } from './story.ts'
import { visit } from './visitor.ts'
import { openWindow } from './windows.ts'

const phoneNumber = '+12025550130'
const realtime = '**/v1/realtime/tickets'

async function signIn(page: Page, { server }: StoryContext) {
  await page.goto('/demo')
  await page.getByLabel('Phone number').fill(phoneNumber)
  await page.getByRole('button', { name: 'Send code' }).click()
  await page.getByLabel('Code', { exact: true }).fill(await server.codeFor(phoneNumber))
  await page.getByRole('button', { name: 'Sign in' }).click()
}

export async function missing(context: StoryContext) {
  const { browser, server, step } = context
  const peer = await visit(server, '+12025550131')
  await peer.call('Ben Okoro')

  await step('an account without chats says so, and how to begin one', async () => {
    const ana = await arrive(browser, { server, origin: server.origin, phoneNumber, name: 'Ana Silva' })
    await ana.page.getByText('You have no chats yet.').waitFor()
    await assertAccessible(ana.page, 'the empty list')
    await ana.page.getByRole('searchbox').fill('nobody')
    await ana.page.getByText('No messages found').waitFor()
    await ana.page.getByText('Words are found by their beginnings').waitFor()
    await assertAccessible(ana.page, 'a search without results')
    await ana.context.close()
  })

  const view = await openWindow(browser, { origin: server.origin })
  const { page } = view
  const navigation = page.getByRole('navigation')
  const dialog = page.getByRole('dialog')
  await step('what is still loading says so, for the list', async () => {
    view.expectCut()
    const held: Route[] = []
    let isHeld = true
    await page.route(realtime, (route) => (isHeld ? void held.push(route) : route.abort()))
    await signIn(page, context)
    await navigation.getByText('Loading your chats…').waitFor()
    isHeld = false
    for (const route of held) await route.abort()
  })

  await step('what cannot be loaded says so: the list, a chat, devices and a search', async () => {
    await navigation.getByText('Can’t load your chats right now.').waitFor()
    await assertAccessible(page, 'the failed list')
    await page.getByRole('button', { name: 'Your account' }).click()
    await dialog.getByText('Can’t load your devices right now.').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'New chat' }).click()
    await page.getByLabel('Their phone number').fill('+12025550131')
    await dialog.getByRole('button', { name: 'Start a chat' }).click()
    await page.getByRole('log').getByText('Can’t load the messages right now.').waitFor()
    await page.route('**/v1/messages/search**', (route) => route.abort())
    await page.getByRole('searchbox').fill('lighthouse')
    await page.getByText('The messages could not be searched.').waitFor()
    await assertAccessible(page, 'the failed search')
  })

  await step('each can be tried again', async () => {
    await page.unrouteAll()
    await navigation.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('No messages found').waitFor()
    await page.getByRole('searchbox').fill('')
    // Unless it has tried again by itself by now.
    const retry = page.getByRole('log').getByRole('button', { name: 'Try again' })
    await retry.click({ timeout: 2_000 }).catch(() => {})
    await page.getByText('No messages here yet.').waitFor()
    await navigation.getByText('You have no chats yet.').waitFor()
  })

  await step('a message that failed for good says why, stays as written, and can be removed', async () => {
    await page.getByRole('button', { name: 'New chat' }).click()
    await page.getByLabel('Their phone number').fill('+12025550131')
    await dialog.getByRole('button', { name: 'Start a chat' }).click()
    await dialog.waitFor({ state: 'detached' })
    const composer = page.getByRole('textbox', { name: 'Message', exact: true })
    const log = page.getByRole('log')
    // A stranger can send this many until the chat is accepted.
    for (let n = 1; n <= 21; n++) {
      await composer.fill(`Ahoy ${n}!`)
      await composer.press('Enter')
    }
    const failed = log.locator('article').filter({ hasText: 'Ahoy 21!' })
    await failed.getByText('The recipient has not accepted your messages yet').waitFor()
    await failed.getByText('Not sent', { exact: true }).waitFor({ state: 'attached' })
    await assertAccessible(page, 'a failed message')
    await page.reload()
    await navigation.getByRole('button', { name: 'Ben Okoro' }).click()
    await failed.getByText('The recipient has not accepted your messages yet').waitFor()
    await failed.getByRole('button', { name: 'Remove' }).click()
    await failed.waitFor({ state: 'detached' })
    await log.locator('.text', { hasText: 'Ahoy 20!' }).waitFor()
  })

  await step('a message request, and what can be done with its chat, are accessible', async () => {
    const stranger = await visit(server, '+12025550132')
    await stranger.call('Chidi Anagonye')
    await stranger.write(phoneNumber, 'Ahoy!')
    await navigation.getByRole('button', { name: 'Chidi Anagonye' }).click()
    await page.getByRole('region', { name: 'Message request' }).waitFor()
    await assertAccessible(page, 'a message request')
    await page.getByRole('button', { name: 'Chat actions' }).click()
    await assertAccessible(page, 'the actions of a chat')
    await page.getByRole('button', { name: 'Report…' }).click()
    await assertAccessible(page, 'the report')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Ana Silva: your account' }).click()
    await assertAccessible(page, 'the account')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await assertAccessible(page, 'a question')
  })

  await step('the window logged no other error', () => assert.deepEqual(view.faults, []))
  await view.context.close()
}
