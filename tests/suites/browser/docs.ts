import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import type { File } from '../../../schemas/file'
import { lighthouse } from './picture.ts'
import type { StoryContext } from './story.ts'
import { visit } from './visitor.ts'
import { openWindow } from './windows.ts'

const phoneNumber = '+12025550190'

export async function documentation({ browser, server, step }: StoryContext) {
  const { page, context, faults } = await openWindow(browser, { origin: server.origin })
  const operation = page.locator('#operations-Profile-getMe')
  let accessToken = ''

  await step('/docs shows every operation of the document', async () => {
    await page.goto('/docs')
    await page.locator('.opblock').first().waitFor()
    const { paths }: { paths: Record<string, object> } = await (await fetch(`${server.origin}/openapi.json`)).json()
    const methods = Object.values(paths).flatMap((path) => Object.keys(path).filter((key) => key !== 'parameters'))
    assert.equal(await page.locator('.opblock').count(), methods.length)
  })

  await step('/docs finds the operations of a tag', async () => {
    const filter = page.locator('.operation-filter-input')
    await filter.fill('Files')
    await page.waitForFunction(
      () =>
        document.querySelectorAll('.opblock-tag').length === 1 &&
        document.querySelector('.opblock-tag[data-tag="Files"]'),
    )
    await filter.fill('')
    await operation.waitFor()
  })

  await step('/docs accepts an access token and tries an operation with it', async () => {
    await page.getByRole('button', { name: 'Authorize' }).first().click()
    accessToken = (await visit(server, phoneNumber)).accessToken
    const dialog = page.locator('.dialog-ux')
    await dialog.locator('input').first().fill(accessToken)
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

  await step('/docs shows a picture that it downloads', async () => {
    const headers = { Authorization: `Bearer ${accessToken}`, 'Content-Type': 'image/jpeg' }
    const upload = { method: 'POST', headers, body: new Uint8Array(await readFile(lighthouse)) }
    const { id }: File = await (await fetch(`${server.origin}/v1/files`, upload)).json()
    const getFile = page.locator('#operations-Files-getFile')
    await getFile.locator('.opblock-summary-control').click()
    await getFile.getByRole('button', { name: 'Try it out' }).click()
    await getFile.locator('tr[data-param-name="fileId"] input').fill(id)
    await getFile.getByRole('button', { name: 'Execute' }).click()
    await page.waitForFunction(
      () =>
        (document.querySelector<HTMLImageElement>('#operations-Files-getFile .live-responses-table img')
          ?.naturalWidth ?? 0) > 0,
    )
  })

  await step('/docs follows its security policy: no console errors, no requests to other origins', () =>
    assert.deepEqual(faults, []),
  )
  await context.close()
}
