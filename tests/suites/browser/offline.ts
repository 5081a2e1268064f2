// What the demo does when it is opened without a network.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { Network } from './network.ts'
import { arrive, type Person } from './people.ts'
import type { StoryContext } from './story.ts'
import { visit } from './visitor.ts'

const files = ['/demo', '/demo/icon.svg', '/demo/main.js', '/demo/style.css']

/** Everything that the service worker keeps, by cache. */
const keptBy = ({ page }: Person) =>
  page.evaluate(async () => {
    const kept: Record<string, string[]> = {}
    for (const name of await caches.keys()) {
      const requests = await (await caches.open(name)).keys()
      kept[name] = requests.map(({ url }) => new URL(url).pathname).sort()
    }
    return kept
  })

const databasesOf = ({ page }: Person) =>
  page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name ?? ''))

export async function offline({ browser, server, step }: StoryContext) {
  const network = await Network.open(server.port)
  const phoneNumber = '+12025550140'
  const ana = await arrive(browser, { server, origin: network.origin, phoneNumber, name: 'Ana Silva' })
  const { page } = ana
  const connecting = page.getByRole('navigation').getByText('Connecting…')

  await step('the page is kept, by a hash of its files, and nothing of the API', async () => {
    const scope = await page.evaluate(async () => (await navigator.serviceWorker.ready).scope)
    assert.equal(new URL(scope).pathname, '/demo')
    const hash = createHash('sha256')
    for (const path of files) hash.update(await (await fetch(`${server.origin}${path}`)).text())
    assert.deepEqual(await keptBy(ana), { [`demo ${hash.digest('hex').slice(0, 16)}`]: files })
    const { headers } = await fetch(`${server.origin}/demo/service-worker.js`)
    assert.equal(headers.get('Content-Security-Policy'), "default-src 'none'; connect-src 'self'")
    assert.equal(headers.get('Cache-Control'), 'no-cache')
  })

  await step('a reload without a network opens the chats from the store', async () => {
    const ben = await visit(server, '+12025550141')
    await ben.call('Ben Okoro')
    await ben.write(phoneNumber, 'Ahoy, Ana!')
    await ana.open('Ben Okoro')
    await ana.sees('Ahoy, Ana!')
    await ana.write('Ahoy!')
    await ana.seesStatus('Ahoy!', 'Delivered')
    ana.expectCut()
    network.cut()
    await page.reload()
    await connecting.waitFor()
    await page.getByRole('button', { name: 'Ana Silva: your account' }).waitFor()
    await ana.open('Ben Okoro')
    await ana.seesTexts(['Ahoy, Ana!', 'Ahoy!'])
    assert.ok(await page.evaluate(() => navigator.serviceWorker.controller !== null))
  })

  await step('what is written then survives another reload, and is sent once', async () => {
    await ana.write('Are you there?')
    await page.reload()
    await ana.open('Ben Okoro')
    await ana.bubble('Are you there?').getByText('Waiting to be sent').waitFor({ state: 'attached' })
    network.heal()
    await ana.seesStatus('Are you there?', 'Delivered')
    await ana.seesTexts(['Ahoy, Ana!', 'Ahoy!', 'Are you there?'])
    await connecting.waitFor({ state: 'detached' })
  })

  await step('no other page opens without a network', async () => {
    network.cut()
    const other = await ana.context.newPage()
    await assert.rejects(other.goto('/docs'))
    await other.close()
    network.heal()
  })

  await step('signing out deletes the store', async () => {
    assert.equal((await databasesOf(ana)).length, 1)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('button', { name: 'Sign out of this window' }).click()
    await page.getByLabel('Phone number').waitFor()
    for (let left = 50; left > 0 && (await databasesOf(ana)).length > 0; left--) await page.waitForTimeout(100)
    assert.deepEqual(await databasesOf(ana), [])
  })

  await step('the window logged no other error', () => assert.deepEqual(ana.faults, []))
  await ana.context.close()
  network.close()
}
