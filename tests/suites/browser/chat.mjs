import assert from 'node:assert/strict'
import path from 'node:path'
import { openNetwork } from './network.mjs'
import { arrive } from './people.mjs'
import { openWindow } from './windows.mjs'

const lighthouse = path.resolve(import.meta.dirname, '../../../docs/lighthouse.jpg')

const written = ['Ahoy, Ben!', 'Ahoy yourself', 'How is the lighthouse?']

async function meet({ browser, server, network }) {
  const ana = await arrive(browser, {
    ...{ server, origin: server.origin, phoneNumber: '+12025550101', name: 'Ana Silva' },
  })
  const ben = await arrive(browser, {
    ...{ server, origin: network.origin, phoneNumber: '+12025550102', name: 'Ben Okoro' },
  })
  return { ana, ben }
}

export async function throughTheNetwork({ browser, server, step }) {
  const network = await openNetwork(server.port)
  let [ana, ben] = []

  await step('two windows sign in with the codes of the terminal', async () => {
    ;({ ana, ben } = await meet({ browser, server, network }))
  })

  await step('one finds the other by number and writes; it is delivered, then read', async () => {
    await ana.find(ben.phoneNumber)
    await ana.write(written[0])
    await ana.seesStatus(written[0], 'Delivered')
    await ben.page.getByRole('navigation').getByText('1 unread').waitFor()
    await ben.open('Ana Silva')
    await ben.sees(written[0])
    await ana.seesStatus(written[0], 'Read')
  })

  await step('one sees the other writing, until the message is there', async () => {
    const typing = ana.page.getByRole('region', { name: 'Open chat' }).getByText('typing…')
    await ben.composer.pressSequentially(written[1])
    await typing.waitFor()
    await ben.composer.press('Enter')
    await ana.sees(written[1])
    // Not six seconds later, when it would be forgotten anyhow.
    assert.equal(await typing.count(), 0)
  })

  await step('a reaction is seen on the other side, and taken back', async () => {
    await ana.act(written[1], 'React with ❤️')
    const reaction = ben.bubble(written[1]).getByRole('button', { name: '❤️ by Ana Silva' })
    await reaction.waitFor()
    await ana.bubble(written[1]).getByRole('button', { name: '❤️ by You' }).click()
    await reaction.waitFor({ state: 'detached' })
  })

  await step('an answer quotes, an edit and a deletion reach the other side', async () => {
    await ben.act(written[0], 'Reply')
    await ben.write('How is the lihgthouse?')
    await ana.bubble('How is the lihgthouse?').locator('blockquote').getByText(written[0]).waitFor()
    await ben.act('How is the lihgthouse?', 'Edit')
    await ben.page.getByRole('textbox', { name: 'Edited message' }).fill(written[2])
    await ben.page.getByRole('button', { name: 'Save' }).click()
    await ana.sees(written[2])
    await ana.bubble(written[2]).getByText('edited').waitFor()
    await ana.write('I should not have said that')
    await ana.act('I should not have said that', 'Delete')
    await ana.page.getByRole('button', { name: 'Delete for everyone' }).click()
    await ben.sees('This message was deleted')
  })

  await step('a picture shows how far its upload got, and is seen on the other side', () => sendPicture(ana, ben))

  await step('a search finds a message by the beginning of a word, and leads to it', async () => {
    const search = ben.page.getByRole('searchbox', { name: 'Search messages' })
    await search.fill('lighth')
    await ben.page.getByRole('navigation').getByText('1 message found').waitFor()
    await ben.page.getByRole('navigation').locator('mark').click()
    await ben.page.locator('article.found').getByText(written[2]).waitFor()
    await search.fill('')
  })

  await step('markup in a message is text', async () => {
    const markup = '<img src=x onerror=alert(1)> & <b>bold</b>'
    await ana.write(markup)
    await ben.sees(markup)
    await ana.act(markup, 'Delete')
    await ana.page.getByRole('button', { name: 'Delete for everyone' }).click()
  })

  await step('a copy of a window does not share its session, and leaves it alone', async () => {
    const [copy] = await Promise.all([ana.context.waitForEvent('page'), ana.page.evaluate(() => void open('/demo'))])
    await copy.getByLabel('Phone number').waitFor()
    await copy.waitForFunction(() => sessionStorage.length === 0)
    await copy.close()
  })

  await step('a reload keeps the user of each window, and their messages', async () => {
    await Promise.all([ana.page.reload(), ben.page.reload()])
    await Promise.all([ana.open('Ben Okoro'), ben.open('Ana Silva')])
    await Promise.all([ana.seesTexts(written), ben.seesTexts(written)])
  })

  await throughCuts({ ana, ben, network, step })

  await step('a sign-in on another device is told at once, and that device can be signed out', async () => {
    const { page, context } = await openWindow(browser, { origin: server.origin })
    await page.goto('/demo')
    await page.getByLabel('Phone number').fill(ana.phoneNumber)
    await page.getByRole('button', { name: 'Send code' }).click()
    await page.getByLabel('Code', { exact: true }).fill(await server.codeFor(ana.phoneNumber))
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('button', { name: 'Ana Silva: your account' }).waitFor()
    await ana.page.getByRole('alert').getByText('New sign-in to your account: Web chat').waitFor()
    await ana.page.getByRole('button', { name: 'Ana Silva: your account' }).click()
    const devices = ana.page.getByRole('list', { name: 'Devices' }).getByRole('listitem')
    await devices.filter({ hasText: 'this device' }).waitFor()
    await devices.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Phone number').waitFor()
    await devices.getByRole('button').waitFor({ state: 'detached' })
    await ana.page.keyboard.press('Escape')
    await context.close()
  })

  await step('who signs out leaves nothing behind in the window', async () => {
    await ana.page.getByRole('button', { name: 'Sign out' }).click()
    await ana.page.getByLabel('Phone number').waitFor()
    assert.equal(await ana.page.evaluate(() => sessionStorage.length), 0)
    await ana.page.reload()
    await ana.page.getByLabel('Phone number').waitFor()
  })

  await step('neither window complained, or asked anybody else', () =>
    assert.deepEqual([...ana.faults, ...ben.faults], []),
  )
  await Promise.all([ana.context.close(), ben.context.close()])
  network.close()
}

async function sendPicture(ana, ben) {
  const slow = await ana.context.newCDPSession(ana.page)
  await slow.send('Network.enable')
  const conditions = { offline: false, latency: 0, downloadThroughput: -1 }
  await slow.send('Network.emulateNetworkConditions', { ...conditions, uploadThroughput: 8_000 })
  const shares = await ana.page.evaluateHandle(() => {
    const seen = []
    new MutationObserver(() => {
      for (const { value } of document.querySelectorAll('progress')) seen.push(value)
    }).observe(document.body, { subtree: true, childList: true, attributes: true })
    return seen
  })
  const [chooser] = await Promise.all([
    ana.page.waitForEvent('filechooser'),
    ana.page.getByText('Add pictures').click({ force: true }),
  ])
  await chooser.setFiles(lighthouse)
  await ana.page.getByRole('progressbar', { name: 'Uploading lighthouse.jpg' }).waitFor()
  const send = ana.page.getByRole('button', { name: 'Send', exact: true })
  assert.ok(await send.isDisabled(), 'a picture is sent once it is stored')
  await ana.page.getByRole('progressbar').waitFor({ state: 'detached' })
  const between = (await shares.jsonValue()).filter((share) => share > 0 && share < 1)
  assert.ok(between.length > 0, 'the progress has a middle')
  await slow.send('Network.emulateNetworkConditions', { ...conditions, uploadThroughput: -1 })
  await send.click()
  for (const { page } of [ana, ben])
    await page.waitForFunction(() => document.querySelector('img[alt="lighthouse.jpg"]')?.naturalWidth > 0)
}

async function throughCuts({ ana, ben, network, step }) {
  const sent = [...written]
  const connecting = ben.page.getByRole('navigation').getByText('Connecting…')
  const bothSee = () => Promise.all([ana.seesTexts(sent), ben.seesTexts(sent)])

  /** Both write while there is no network for Ben: what he wrote is sent after, so it stands below. */
  async function writeApart(round) {
    const [hers, his] = ['Ana', 'Ben'].map((name) => [1, 2, 3].map((n) => `${name} ${round} ${n}`))
    for (const text of his) await ben.write(text)
    for (const text of hers) await ana.write(text)
    await ben.bubble(his[2]).getByText('Waiting to be sent').waitFor({ state: 'attached' })
    await ana.seesStatus(hers[2], 'Delivered')
    await ben.seesTexts([...sent, ...his])
    sent.push(...hers, ...his)
  }

  await step('a window whose network is gone says so, and sends what was written once it is back', async () => {
    ben.expectCut()
    network.cut()
    await ben.context.setOffline(true)
    await connecting.waitFor()
    await writeApart('offline')
    network.heal()
    await ben.context.setOffline(false)
    await bothSee()
    await connecting.waitFor({ state: 'detached' })
  })

  await step('the same when the sockets die under a browser that thinks it is online', async () => {
    network.cut()
    await connecting.waitFor()
    await writeApart('cut')
    network.heal()
    await bothSee()
  })

  await step('what was sent, but whose answer was lost, is there once', async () => {
    network.loseAnswers()
    await ben.write('Ben lost 1')
    await ana.sees('Ben lost 1')
    await ben.bubble('Ben lost 1').getByText('Waiting to be sent').waitFor({ state: 'attached' })
    network.heal()
    sent.push('Ben lost 1')
    await bothSee()
    await ben.seesStatus('Ben lost 1', 'Read')
  })

  await step('what waits to be sent outlives a reload', async () => {
    network.loseApi()
    await connecting.waitFor()
    await ben.write('Ben reloaded 1')
    await ben.write('Ben reloaded 2')
    await ben.page.reload()
    await connecting.waitFor()
    network.heal()
    await ben.open('Ana Silva')
    sent.push('Ben reloaded 1', 'Ben reloaded 2')
    await bothSee()
  })

  await step('a picture that met the cut is uploaded when asked again', async () => {
    network.cut()
    await ben.page.locator('input[type=file]').setInputFiles(lighthouse)
    const again = ben.page.getByRole('button', { name: 'Try again' })
    await again.waitFor()
    network.heal()
    await again.click()
    await again.waitFor({ state: 'detached' })
    await ben.page.getByRole('progressbar').waitFor({ state: 'detached' })
    await ben.write('Ben again 1')
    sent.push('Ben again 1')
    await bothSee()
  })

  await step('after a reload both still show the same, once and in order', async () => {
    await Promise.all([ana.page.reload(), ben.page.reload()])
    await Promise.all([ana.open('Ben Okoro'), ben.open('Ana Silva')])
    await bothSee()
  })
}
