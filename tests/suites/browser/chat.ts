import assert from 'node:assert/strict'
import { throughCuts } from './cuts.ts'
import { Network } from './network.ts'
import { arrive, type Person } from './people.ts'
import { sendPicture } from './picture.ts'
import type { Step, StoryContext } from './story.ts'
import { openWindow } from './windows.ts'

const greeting = 'Ahoy, Ben!'
const reply = 'Ahoy yourself'
const question = 'How is the lighthouse?'
const written = [greeting, reply, question]

interface Chat {
  ana: Person
  ben: Person
  step: Step
}

async function meet({ browser, server }: StoryContext, network: Network) {
  const ana = await arrive(browser, {
    ...{ server, origin: server.origin, phoneNumber: '+12025550101', name: 'Ana Silva' },
  })
  const ben = await arrive(browser, {
    ...{ server, origin: network.origin, phoneNumber: '+12025550102', name: 'Ben Okoro' },
  })
  return { ana, ben }
}

export async function throughTheNetwork(context: StoryContext) {
  const { server, step } = context
  const network = await Network.open(server.port)
  const { ana, ben } = await step('two windows sign in with the codes from the terminal', () => meet(context, network))
  const chat = { ana, ben, step }
  await talk(chat)
  await change(chat)
  await showAndFind(chat)
  await reload(chat)
  await throughCuts({ ...chat, network, written: [...written] })
  await signOut(chat, context)
  await step('neither window logged an error or made a request to another origin', () =>
    assert.deepEqual([...ana.faults, ...ben.faults], []),
  )
  await Promise.all([ana.context.close(), ben.context.close()])
  network.close()
}

async function talk({ ana, ben, step }: Chat) {
  await step(
    'a user finds another by number and writes; the message is delivered and, once it is accepted, read',
    async () => {
      await ana.find(ben.phoneNumber)
      await ana.write(greeting)
      await ana.seesStatus(greeting, 'Delivered')
      await ben.page.getByRole('navigation').getByText('1 unread').waitFor()
      await ben.open('Ana Silva')
      await ben.sees(greeting)
      const request = ben.page.getByRole('region', { name: 'Message request' })
      await request.getByText('Ana Silva wants to chat.').waitFor()
      await ana.seesStatus(greeting, 'Delivered')
      await request.getByRole('button', { name: 'Accept' }).click()
      await request.waitFor({ state: 'detached' })
      await ana.seesStatus(greeting, 'Read')
    },
  )

  await step('a user sees that the other is typing until the message arrives', async () => {
    const typing = ana.page.getByRole('region', { name: 'Open chat' }).getByText('typing…')
    await ben.composer.pressSequentially(reply)
    await typing.waitFor()
    await ben.composer.press('Enter')
    await ana.sees(reply)
    // It disappears at once, not only when it expires six seconds later.
    assert.equal(await typing.count(), 0)
  })

  await step('a reaction reaches the other side and can be removed', async () => {
    await ana.act(reply, 'React with ❤️')
    const reaction = ben.bubble(reply).getByRole('button', { name: '❤️ by Ana Silva' })
    await reaction.waitFor()
    await ana.bubble(reply).getByRole('button', { name: '❤️ by You' }).click()
    await reaction.waitFor({ state: 'detached' })
  })
}

async function change({ ana, ben, step }: Chat) {
  await step('a reply with its quote, an edit and a deletion reach the other side', async () => {
    await ben.act(greeting, 'Reply')
    await ben.write('How is the lihgthouse?')
    await ana.bubble('How is the lihgthouse?').locator('blockquote').getByText(greeting).waitFor()
    await ben.act('How is the lihgthouse?', 'Edit')
    await ben.page.getByRole('textbox', { name: 'Edited message' }).fill(question)
    await ben.page.getByRole('button', { name: 'Save' }).click()
    await ana.sees(question)
    await ana.bubble(question).getByText('edited').waitFor()
    await ana.write('I should not have said that')
    await ana.act('I should not have said that', 'Delete')
    await ana.page.getByRole('button', { name: 'Delete for everyone' }).click()
    await ben.sees('This message was deleted')
  })
}

async function showAndFind({ ana, ben, step }: Chat) {
  await step('a picture shows its upload progress and reaches the other side', () => sendPicture(ana, ben))

  await step('a search finds a message by the beginning of a word and opens it', async () => {
    const search = ben.page.getByRole('searchbox', { name: 'Search messages' })
    await search.fill('lighth')
    await ben.page.getByRole('navigation').getByText('1 message found').waitFor()
    await ben.page.getByRole('navigation').locator('mark').click()
    await ben.page.locator('article.found').getByText(question).waitFor()
    await search.fill('')
  })

  await step('markup in a message is shown as text', async () => {
    const markup = '<img src=x onerror=alert(1)> & <b>bold</b>'
    await ana.write(markup)
    await ben.sees(markup)
    await ana.act(markup, 'Delete')
    await ana.page.getByRole('button', { name: 'Delete for everyone' }).click()
  })
}

async function reload({ ana, ben, step }: Chat) {
  await step('a duplicated window neither shares nor disturbs the session', async () => {
    const [copy] = await Promise.all([ana.context.waitForEvent('page'), ana.page.evaluate(() => void open('/demo'))])
    await copy.getByLabel('Phone number').waitFor()
    await copy.waitForFunction(() => sessionStorage.length === 0)
    await copy.close()
  })

  await step('a reload keeps each window signed in, with its messages', async () => {
    await Promise.all([ana.page.reload(), ben.page.reload()])
    await Promise.all([ana.open('Ben Okoro'), ben.open('Ana Silva')])
    await Promise.all([ana.seesTexts(written), ben.seesTexts(written)])
  })
}

async function signOut({ ana, step }: Chat, { browser, server }: StoryContext) {
  await step('a sign-in on another device is announced at once, and that device can be signed out', async () => {
    const { page, context } = await openWindow(browser, { origin: server.origin })
    await page.goto('/demo')
    await page.getByLabel('Phone number').fill(ana.phoneNumber)
    await page.getByRole('button', { name: 'Send code' }).click()
    await page.getByLabel('Code', { exact: true }).fill(await server.codeFor(ana.phoneNumber))
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('button', { name: 'Ana Silva: your account' }).waitFor()
    await ana.page
      .getByRole('alert')
      .getByText(/^New sign-in to your account: .?Web chat/)
      .waitFor()
    await ana.page.getByRole('button', { name: 'Ana Silva: your account' }).click()
    const devices = ana.page.getByRole('list', { name: 'Devices' }).getByRole('listitem')
    await devices.filter({ hasText: 'this device' }).waitFor()
    await devices.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Phone number').waitFor()
    await devices.getByRole('button').waitFor({ state: 'detached' })
    await ana.page.keyboard.press('Escape')
    await context.close()
  })

  await step('signing out asks first, and leaves nothing behind in the window', async () => {
    await ana.page.getByRole('button', { name: 'Sign out' }).click()
    await ana.page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    await ana.page.getByRole('dialog').waitFor({ state: 'detached' })
    await ana.open('Ben Okoro')
    await ana.page.getByRole('button', { name: 'Sign out' }).click()
    await ana.page.getByRole('button', { name: 'Sign out of this window' }).click()
    await ana.page.getByLabel('Phone number').waitFor()
    assert.equal(await ana.page.evaluate(() => sessionStorage.length), 0)
    await ana.page.reload()
    await ana.page.getByLabel('Phone number').waitFor()
  })
}
