// The client kit's store in a real IndexedDB.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { bin, root } from '../../../scripts/install.mjs'
import { run } from '../../../scripts/processes.mjs'
import type * as KitPage from './kit-page.ts'
import type { StoryContext } from './story.ts'
import { visit } from './visitor.ts'
import { openWindow } from './windows.ts'

declare global {
  var kitPage: typeof KitPage
  var kit: KitPage.Opened
}

const phoneNumber = '+12025550171'
const peerNumber = '+12025550172'
const name = 'chats of Ana'

async function bundle(): Promise<string> {
  const outfile = path.join(root, 'dist/kit-page.js')
  const options = ['--bundle', '--format=iife', '--global-name=kitPage', `--outfile=${outfile}`, '--log-level=warning']
  const exitCode = await run(bin('esbuild/bin/esbuild'), [path.join(import.meta.dirname, 'kit-page.ts'), ...options])
  assert.equal(exitCode, 0, 'the page can be bundled')
  return readFile(outfile, 'utf8')
}

/** Loads the page, with the kit, and opens the store; whatever was in memory is lost. */
async function load(page: Page, content: string, opened = { name, from: undefined as 'now' | undefined }) {
  await page.goto('/healthz')
  await page.addScriptTag({ content })
  await page.evaluate(async ({ name, from }) => {
    globalThis.kit = await kitPage.open(name, from)
  }, opened)
}

const shows = (page: Page, chatId: string, texts: string[]) =>
  page.waitForFunction(([chatId, texts]) => kit.texts(chatId ?? '').join() === texts, [chatId, texts.join()] as const)

export async function kitInABrowser({ browser, server, step }: StoryContext) {
  const content = await bundle()
  const { page, context, faults } = await openWindow(browser, { origin: server.origin, bypassCSP: true })
  await load(page, content)
  const { verificationId } = await page.evaluate((number) => kitPage.requestCode(number), phoneNumber)
  const code = await server.codeFor(phoneNumber)
  await page.evaluate(([id, code]) => kitPage.signIn(id, code), [verificationId, code] as const)
  const ben = await visit(server, peerNumber)
  await page.evaluate(() => void kit.chat.run())
  for (const text of ['one', 'two']) await ben.write(phoneNumber, text)
  await page.waitForFunction(() => kit.chatIds().length === 1)
  const chatId = await page.evaluate(() => kit.chatIds()[0] ?? '')
  await shows(page, chatId, ['one', 'two'])

  await step('the store in IndexedDB has everything after a reload, in the outbox, too', async () => {
    await page.evaluate(async (chatId) => {
      kit.chat.stop()
      for (const text of ['three', 'four']) await kit.chat.outbox.send(chatId, { text })
    }, chatId)
    await load(page, content)
    assert.deepEqual(
      await page.evaluate((chatId) => [kit.texts(chatId), kit.pending(), kit.chatIds().length], chatId),
      [['one', 'two'], ['three', 'four'], 1],
    )
  })

  await step('it goes on from its cursor, and sends what was queued, in order', async () => {
    await page.evaluate(() => void kit.chat.run())
    await shows(page, chatId, ['one', 'two', 'three', 'four'])
    await page.waitForFunction(() => kit.pending().length === 0)
    assert.equal(await page.evaluate(() => kit.resets.includes(true)), false)
    await load(page, content)
    assert.deepEqual(await page.evaluate(() => kit.pending()), [])
    await shows(page, chatId, ['one', 'two', 'three', 'four'])
  })

  await step('a page that cannot be written changes nothing, and is stored once it can be', async () => {
    await page.evaluate(async () => {
      const { put } = IDBObjectStore.prototype
      let failures = 3
      IDBObjectStore.prototype.put = function (...args) {
        if (this.name === 'facts' && failures-- > 0) throw new DOMException('There is no room.', 'QuotaExceededError')
        return put.apply(this, args)
      }
      void kit.chat.run()
    })
    await ben.write(phoneNumber, 'five')
    await shows(page, chatId, ['one', 'two', 'three', 'four', 'five'])
    assert.equal(await page.evaluate(() => kit.errors.length), 3)
    await load(page, content)
    await shows(page, chatId, ['one', 'two', 'three', 'four', 'five'])
  })

  await step('what is cleared is deleted from the disk as well', async () => {
    assert.equal(await page.evaluate((name) => kitPage.rowCount(name, 'messages'), name), 5)
    await page.evaluate(async (chatId) => {
      void kit.chat.run()
      await kit.clear(chatId)
    }, chatId)
    await shows(page, chatId, [])
    assert.equal(await page.evaluate((name) => kitPage.rowCount(name, 'messages'), name), 0)
  })

  await step('a store can start from now, with the pages that the screen loads', async () => {
    const fromNow = { name: 'from now', from: 'now' as const }
    await ben.write(phoneNumber, 'six')
    await shows(page, chatId, ['six'])
    await load(page, content, fromNow)
    await page.evaluate(() => void kit.chat.run())
    await page.waitForFunction(() => kit.store.forgotten.resets === 1)
    assert.deepEqual(await page.evaluate(() => kit.chatIds()), [])
    await page.evaluate(async (chatId) => {
      await kit.chat.history.loadChats()
      await kit.chat.history.loadMessages(chatId)
    }, chatId)
    await shows(page, chatId, ['six'])
    await load(page, content, fromNow)
    assert.deepEqual(await page.evaluate(() => kit.chatIds().length), 1)
    await page.evaluate(() => void kit.chat.run())
    await ben.write(phoneNumber, 'seven')
    await shows(page, chatId, ['six', 'seven'])
    assert.equal(await page.evaluate(() => kit.store.forgotten.resets), 0)
  })

  await step('a group is on the disk with its members, and goes from it when it is left', async () => {
    await ben.call('Ben Okoro')
    const me = await ben.find(phoneNumber)
    await load(page, content)
    await page.evaluate(() => void kit.chat.run())
    const groupId = await ben.gather('Lighthouse keepers', [me])
    await ben.send(groupId, 'in the group')
    const isShown = (id: string) => page.waitForFunction((id) => kit.texts(id).includes('in the group'), id)
    await isShown(groupId)
    await load(page, content)
    await isShown(groupId)
    assert.deepEqual((await page.evaluate((id) => kit.members(id), groupId)).includes('Ben'), true)
    await page.evaluate(() => void kit.chat.run())
    await ben.send(groupId, 'and on')
    await page.waitForFunction((id) => kit.texts(id).includes('and on'), groupId)
    assert.equal(await page.evaluate((name) => kitPage.rowCount(name, 'members'), name), 2)
    await ben.remove(groupId, me)
    await page.waitForFunction((id) => !kit.chatIds().includes(id), groupId)
    for (const table of ['groups', 'members'])
      assert.equal(await page.evaluate(([name, table]) => kitPage.rowCount(name, table), [name, table] as const), 0)
    assert.deepEqual(await page.evaluate((id) => kit.texts(id), groupId), [])
  })

  await step('a database from before there were groups keeps what it has', async () => {
    await page.evaluate((chatId) => kitPage.openOld('old', chatId), chatId)
    await load(page, content, { name: 'old', from: undefined })
    assert.deepEqual(await page.evaluate(() => [kit.chatIds(), kit.pending()]), [[chatId], ['kept']])
    assert.equal(await page.evaluate(() => kitPage.rowCount('old', 'groups')), 0)
    await page.evaluate(() => void kit.store.erase())
    await load(page, content, { name: 'from now', from: 'now' })
  })

  await step('erase leaves no database', async () => {
    const names = await page.evaluate(async () => {
      kit.chat.stop()
      await kit.store.erase()
      return (await indexedDB.databases()).map(({ name }) => name)
    })
    assert.deepEqual(names, [name])
  })

  await step('no error was logged', () => assert.deepEqual(faults, []))
  await context.close()
}
