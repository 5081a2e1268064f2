import assert from 'node:assert/strict'
import path from 'node:path'
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { arrive, type Person } from './people.ts'
import { lighthouse, seesPicture } from './picture.ts'
import type { StoryContext } from './story.ts'
import { visit } from './visitor.ts'
import { openWindow } from './windows.ts'

declare global {
  interface Window {
    axe: typeof axe
  }
}

const phone = { width: 390, height: 844 }
const desktop = { width: 1280, height: 800 }
const sizes = [phone, desktop]
const schemes = [
  { colorScheme: 'light', suffix: '' },
  { colorScheme: 'dark', suffix: '-dark' },
] as const

const guests = [
  {
    phoneNumber: '+12025550172',
    name: 'Chidi Anagonye',
    texts: ['The ferry leaves at seven', 'Should I save you a seat?'],
  },
  { phoneNumber: '+12025550173', name: 'Łucja Żak', texts: ['See you at the harbor'] },
  { phoneNumber: '+12025550174', name: 'Dora Lind', texts: ['Thank you for the recipe 🙏'] },
]

async function assertFits(page: Page, where: string) {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  assert.ok(overflow <= 0, `${where}: ${overflow} pixels overflow`)
}

/** Runs axe-core: contrast, names, roles, landmarks, headings. */
export async function assertAccessible(page: Page, where: string) {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(() => window.axe.run())
  const faults = violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html}\n${node.failureSummary}`),
  )
  assert.deepEqual(faults, [], where)
  await assertFits(page, where)
}

/** Fills Ana's window with realistic chats. */
async function stage({ browser, server }: StoryContext) {
  const common = { server, origin: server.origin }
  const ana = await arrive(browser, { ...common, phoneNumber: '+12025550170', name: 'Ana Silva' })
  const ben = await arrive(browser, { ...common, phoneNumber: '+12025550171', name: 'Ben Okoro' })
  for (const { phoneNumber, name, texts } of guests) {
    const guest = await visit(server, phoneNumber)
    await guest.call(name)
    for (const text of texts) await guest.write(ana.phoneNumber, text)
    if (name !== 'Łucja Żak') continue
    const groupId = await guest.gather('Sunday sailing', [await guest.find(ana.phoneNumber)])
    await guest.send(groupId, 'Who brings the sandwiches?')
  }
  await ana.open('Dora Lind')
  await ana.write('With pleasure!')
  await ana.find(ben.phoneNumber)
  await ana.write('Ahoy, Ben! They painted the lighthouse: red and white, from top to bottom.')
  await ben.open('Ana Silva')
  await ben.write('No way! Do you have a picture?')
  await ana.sees('Do you have a picture?')
  await ana.page.locator('input[type=file]').setInputFiles(lighthouse)
  await ana.page.getByRole('button', { name: 'Remove lighthouse.jpg' }).waitFor()
  await ana.page.getByRole('progressbar').waitFor({ state: 'detached' })
  await ana.write('Last night, from the pier')
  await ben.sees('Last night, from the pier')
  await ben.act('Last night, from the pier', 'React with ❤️')
  await ben.act('Last night, from the pier', 'Reply')
  await ben.write('Beautiful. I will walk over tomorrow.')
  await ana.sees('I will walk over tomorrow')
  await seesPicture(ana)
  return { ana, ben }
}

async function docsAtAllSizes({ browser, server, screenshots }: StoryContext) {
  for (const viewport of sizes) {
    const { page, context } = await openWindow(browser, { origin: server.origin, viewport })
    await page.goto('/docs')
    await page.locator('.opblock').first().waitFor()
    // Swagger UI follows no color scheme: both would be the same.
    await page.screenshot({ path: path.join(screenshots, `docs-${viewport.width}.png`) })
    await page.locator('#operations-Messages-sendMessage .opblock-summary-control').click()
    await page.locator('#operations-Messages-sendMessage .responses-table').waitFor()
    await assertFits(page, `/docs at ${viewport.width}`)
    await context.close()
  }
}

async function signInAtAllSizes({ browser, server, screenshots }: StoryContext) {
  const { page, context } = await openWindow(browser, { origin: server.origin })
  await page.goto('/demo')
  for (const viewport of sizes) {
    await page.setViewportSize(viewport)
    await page.getByLabel('Phone number').waitFor()
    for (const { colorScheme, suffix } of schemes) {
      const name = `demo-sign-in-${viewport.width}${suffix}`
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.screenshot({ path: path.join(screenshots, `${name}.png`) })
      await assertAccessible(page, name)
    }
  }
  await context.close()
}

async function chatAtAllSizes({ page }: Person, screenshots: string) {
  for (const viewport of sizes)
    for (const { colorScheme, suffix } of schemes) {
      await page.setViewportSize(viewport)
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.mouse.move(0, 0)
      const name = `demo-${viewport.width}${suffix}`
      await page.screenshot({ path: path.join(screenshots, `${name}.png`) })
      await assertAccessible(page, name)
    }
  await page.emulateMedia({ colorScheme: 'light' })
}

async function listOnPhone({ page }: Person, screenshots: string) {
  await page.setViewportSize(phone)
  await page.getByRole('button', { name: 'Back to chats' }).click()
  await page.getByRole('heading', { name: 'Chats' }).waitFor({ state: 'attached' })
  for (const { colorScheme, suffix } of schemes) {
    await page.emulateMedia({ colorScheme })
    await page.screenshot({ path: path.join(screenshots, `demo-list-390${suffix}.png`) })
    await assertAccessible(page, `the list of chats, ${colorScheme}`)
  }
  await page.emulateMedia({ colorScheme: 'light' })
}

async function whatOpens(ana: Person) {
  const { page } = ana
  await page.setViewportSize(desktop)
  await ana.open('Ben Okoro')
  await ana.bubble('I will walk over').hover()
  const more = ana.bubble('I will walk over').getByRole('button', { name: 'Message actions' })
  await more.click()
  await assertAccessible(page, 'the actions of a message')
  await page.keyboard.press('Escape')
  assert.ok(await more.evaluate((button) => button === document.activeElement), 'Escape restores the focus')
  await page.getByRole('button', { name: 'New chat' }).click()
  await assertAccessible(page, 'the dialog')
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.getByRole('searchbox').fill('painted')
  await page.getByRole('navigation').locator('mark').waitFor()
  await assertAccessible(page, 'search results')
}

export async function appearance(context: StoryContext) {
  const { step, screenshots } = context
  await step('the documentation at 390 and 1280 pixels', () => docsAtAllSizes(context))
  await step('signing in at both widths, and its accessibility', () => signInAtAllSizes(context))
  const { ana, ben } = await step('a list of chats with one open', () => stage(context))
  await step('the chat is accessible at both widths, light and dark', () => chatAtAllSizes(ana, screenshots))
  await step('a phone shows the list alone', () => listOnPhone(ana, screenshots))
  await step('panels and dialogs are accessible and close on Escape', () => whatOpens(ana))
  await Promise.all([ana.context.close(), ben.context.close()])
}
