import assert from 'node:assert/strict'
import path from 'node:path'
import type { Person } from './people.ts'

export const lighthouse = path.resolve(import.meta.dirname, '../../../docs/lighthouse.jpg')

/** Waits until a window shows the picture, not just its placeholder. */
export const seesPicture = ({ page }: Person) =>
  page.waitForFunction(
    () => (document.querySelector<HTMLImageElement>('img[alt="lighthouse.jpg"]')?.naturalWidth ?? 0) > 0,
  )

export async function sendPicture(ana: Person, ben: Person) {
  const slow = await ana.context.newCDPSession(ana.page)
  await slow.send('Network.enable')
  const conditions = { offline: false, latency: 0, downloadThroughput: -1 }
  await slow.send('Network.emulateNetworkConditions', { ...conditions, uploadThroughput: 8_000 })
  const shares = await ana.page.evaluateHandle(() => {
    const seen: number[] = []
    new MutationObserver(() => {
      for (const { value } of document.querySelectorAll('progress')) seen.push(value)
    }).observe(document.body, { subtree: true, childList: true, attributes: true })
    return seen
  })
  const [chooser] = await Promise.all([
    ana.page.waitForEvent('filechooser'),
    ana.page.getByText('Attach files').click({ force: true }),
  ])
  await chooser.setFiles(lighthouse)
  await ana.page.getByRole('progressbar', { name: 'Uploading lighthouse.jpg' }).waitFor()
  const send = ana.page.getByRole('button', { name: 'Send', exact: true })
  assert.ok(await send.isDisabled(), 'a picture cannot be sent before it is stored')
  await ana.page.getByRole('progressbar').waitFor({ state: 'detached' })
  const between = (await shares.jsonValue()).filter((share) => share > 0 && share < 1)
  assert.ok(between.length > 0, 'the progress has intermediate values')
  await slow.send('Network.emulateNetworkConditions', { ...conditions, uploadThroughput: -1 })
  await send.click()
  for (const person of [ana, ben]) await seesPicture(person)
}
