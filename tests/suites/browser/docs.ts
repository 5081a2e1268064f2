import assert from 'node:assert/strict'
import type { StoryContext } from './story.ts'
import { visit } from './visitor.ts'
import { openWindow } from './windows.ts'

const phoneNumber = '+12025550190'

export async function documentation({ browser, server, step }: StoryContext) {
  const { page, context, faults } = await openWindow(browser, { origin: server.origin })
  const operation = page.locator('#operations-Profile-getMe')

  await step('/docs shows every operation of the document', async () => {
    await page.goto('/docs')
    await page.locator('.opblock').first().waitFor()
    const { paths }: { paths: Record<string, object> } = await (await fetch(`${server.origin}/openapi.json`)).json()
    const methods = Object.values(paths).flatMap((path) => Object.keys(path).filter((key) => key !== 'parameters'))
    assert.equal(await page.locator('.opblock').count(), methods.length)
  })

  await step('/docs accepts an access token and tries an operation with it', async () => {
    await page.getByRole('button', { name: 'Authorize' }).first().click()
    const dialog = page.locator('.dialog-ux')
    await dialog
      .locator('input')
      .first()
      .fill((await visit(server, phoneNumber)).accessToken)
    await dialog.getByRole('button', { name: 'Apply credentials' }).click()
    await dialog.getByRole('button', { name: 'Close' }).click()
    await operation.locator('.opblock-summary-control').click()
    await operation.getByRole('button', { name: 'Try it out' }).click()
    await operation.getByRole('button', { name: 'Execute' }).click()
    await operation.locator('.live-responses-table .response-col_status').filter({ hasText: '200' }).waitFor()
    assert.match(await operation.locator('.live-responses-table').innerText(), /\+12025550190/)
  })

  await step('/docs keeps the token after a reload', async () => {
    // Drop the URL fragment, which would reopen the operation.
    await page.goto('/docs')
    await page.locator('.authorization__btn.locked, .authorize.locked').first().waitFor()
    await operation.locator('.opblock-summary-control').click()
    await operation.getByRole('button', { name: 'Try it out' }).click()
    await operation.getByRole('button', { name: 'Execute' }).click()
    await operation.locator('.live-responses-table .response-col_status').filter({ hasText: '200' }).waitFor()
  })

  await step('/docs follows its security policy: no console errors, no requests to other origins', () =>
    assert.deepEqual(faults, []),
  )
  await context.close()
}
