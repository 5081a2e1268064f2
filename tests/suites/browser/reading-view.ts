// The reading view of the documentation.
import assert from 'node:assert/strict'
import path from 'node:path'
import type { StoryContext } from './story.ts'
import { openWindow } from './windows.ts'

/** What Scalar asks for in vain: its style sheet is linked, and it works without these. */
const isRefusedStyle = (fault: string) => fault.includes("style-src 'self'")

const widths = [390, 1280]

export async function readingView({ browser, server, step, screenshots }: StoryContext) {
  const { page, context, faults } = await openWindow(browser, { origin: server.origin })

  await step('/docs leads to the reading view', async () => {
    await page.goto('/docs')
    await page.getByRole('link', { name: 'Reading view' }).click()
    await page.getByRole('heading', { name: 'Big Project', exact: true }).first().waitFor()
  })

  await step('the reading view has every tag of the document, and shows an operation', async () => {
    const document: { tags: { name: string }[] } = await (await fetch(`${server.origin}/openapi.json`)).json()
    const navigation = page.locator('.t-doc__sidebar')
    for (const { name } of document.tags) await navigation.getByText(name, { exact: true }).first().waitFor()
    await navigation.getByText('Messages', { exact: true }).first().click()
    await navigation.getByText('Send a message', { exact: true }).first().click()
    await page.getByRole('heading', { name: 'Send a message' }).waitFor()
  })

  await step('the reading view at 390 and 1280 pixels, light and dark', async () => {
    for (const colorScheme of ['light', 'dark'] as const)
      for (const width of widths) {
        await page.emulateMedia({ colorScheme })
        await page.setViewportSize({ width, height: 900 })
        await page.goto('/docs/reading.html')
        await page.getByRole('heading', { name: 'Big Project', exact: true }).first().waitFor()
        await page.screenshot({ path: path.join(screenshots, `reading-${width}-${colorScheme}.png`) })
      }
  })

  await step('the reading view makes no requests to other origins, and its policy refuses styles alone', () =>
    assert.deepEqual(
      faults.filter((fault) => !isRefusedStyle(fault)),
      [],
    ),
  )
  await context.close()
}
