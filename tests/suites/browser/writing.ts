// What people write: with input methods, in both directions, at length, with links and with files.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { arrive, type Person } from './people.ts'
import type { Step, StoryContext } from './story.ts'

interface Writers {
  ana: Person
  ben: Person
  step: Step
}

export async function writing({ browser, server, step }: StoryContext) {
  const common = { server, origin: server.origin }
  const [ana, ben] = await step('two windows sign in', () =>
    Promise.all([
      arrive(browser, { ...common, phoneNumber: '+12025550110', name: 'Ana Silva' }),
      arrive(browser, { ...common, phoneNumber: '+12025550111', name: 'Ben Okoro' }),
    ]),
  )
  const writers = { ana, ben, step }
  await ana.find(ben.phoneNumber)
  await withInputMethods(writers)
  await inBothDirections(writers)
  await atLength(writers)
  await withLinks(writers)
  await withFiles(writers)
  await step('neither window logged an error', () => assert.deepEqual([...ana.faults, ...ben.faults], []))
  await Promise.all([ana.context.close(), ben.context.close()])
}

async function withInputMethods({ ana, step }: Writers) {
  await step('an Enter that ends the word of an input method sends nothing, in Safari either', async () => {
    const text = 'にほんご'
    await ana.composer.fill(text)
    const enter = (init: { isComposing?: boolean; keyCode?: number }) =>
      ana.composer.evaluate(
        (input, own) =>
          input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...own })),
        init,
      )
    assert.ok(await enter({ isComposing: true }), 'Enter within a composition')
    assert.ok(await enter({ keyCode: 229 }), 'Enter after a composition, as Safari sends it')
    assert.equal(await ana.composer.inputValue(), text)
    assert.equal(await enter({ keyCode: 13 }), false, 'Enter')
    await ana.seesTexts([text])
  })
}

async function inBothDirections({ ana, ben, step }: Writers) {
  await step('Arabic and Hebrew read from right to left, and all else from left to right', async () => {
    for (const [text, direction] of [
      ['مرحبا Ben، كيف الحال؟', 'rtl'],
      ['שלום, Ben!', 'rtl'],
      ['Hello, مرحبا!', 'ltr'],
    ] as const) {
      await ana.composer.fill(text)
      const inDirection = ana.page.locator(`:dir(${direction})`)
      await ana.composer.and(inDirection).waitFor()
      await ana.composer.press('Enter')
      await ana.bubble(text).locator('.text').and(inDirection).waitFor()
      for (const { page } of [ana, ben]) {
        const row = page.getByRole('navigation').getByRole('listitem').getByText(text)
        await row.and(page.locator(`:dir(${direction})`)).waitFor()
      }
    }
  })

  await step('the page mirrors for a language that is read from right to left', async () => {
    const { page } = ana
    await page.evaluate(() => document.documentElement.setAttribute('dir', 'rtl'))
    const { x, width } = (await page.getByRole('navigation').boundingBox()) ?? { x: 0, width: 0 }
    assert.equal(x + width, page.viewportSize()?.width, 'the list is on the right')
    await ana.bubble('Hello').hover()
    await ana.bubble('Hello').getByRole('button', { name: 'Message actions' }).click()
    await page.getByRole('button', { name: 'Reply', exact: true }).waitFor()
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0)
    await page.keyboard.press('Escape')
    await page.evaluate(() => document.documentElement.removeAttribute('dir'))
    const css = await (await page.request.get('/demo/style.css')).text()
    assert.deepEqual(css.match(/[{;](?:(?:margin|padding|border)-)?(?:left|right)\b[^;}]*/g), null, 'one-sided rules')
  })
}

async function atLength({ ana, ben, step }: Writers) {
  const paste = (text: string) =>
    ana.composer.evaluate((input, pasted) => {
      input.focus()
      document.execCommand('insertText', false, pasted)
    }, text)
  const isTooLong = (beyond: string) => ana.page.getByText(`Too long by ${beyond}`).waitFor()
  const send = ana.page.getByRole('button', { name: 'Send', exact: true })

  await step('a text that is too long is kept, said, and not sent until it is shorter', async () => {
    const text = `${'lighthouse '.repeat(1_455)}now`
    assert.equal(text.length, 16_008)
    await paste(text)
    await isTooLong('8 characters')
    assert.equal(await ana.composer.inputValue(), text)
    assert.ok(await send.isDisabled())
    await ana.composer.press('Enter')
    assert.equal(await ana.composer.inputValue(), text)
    await ana.composer.fill('🗼'.repeat(16_001))
    await isTooLong('1 character:')
    await ana.composer.press('Backspace')
    await send.and(ana.page.locator(':enabled')).waitFor()
    await ana.composer.fill('')
  })

  await step('9,000 emoji are a message', async () => {
    const text = '🦑'.repeat(9_000)
    await paste(text)
    assert.equal(await ana.composer.inputValue(), text)
    await ana.composer.press('Enter')
    await ben.open('Ana Silva')
    await ben.bubble(text).waitFor()
    await ana.act(text, 'Delete')
    await ana.page.getByRole('button', { name: 'Delete for everyone' }).click()
  })
}

async function withLinks({ ana, ben, step }: Writers) {
  await step('web addresses become links, and nothing else does', async () => {
    const text =
      'See (https://example.com/a_(b)), http://example.org/?q=1. Not javascript:alert(1), ' +
      'data:text/html,x, ftp://example.com, https://bank.example@evil.example or https://'
    await ana.write(text)
    await ben.sees(text)
    const links = await ben
      .bubble(text)
      .locator('.text a')
      .evaluateAll((all) => all.map((link) => [link.textContent, link.getAttribute('href'), link.getAttribute('rel')]))
    assert.deepEqual(links, [
      ['https://example.com/a_(b)', 'https://example.com/a_(b)', 'noopener noreferrer'],
      ['http://example.org/?q=1', 'http://example.org/?q=1', 'noopener noreferrer'],
    ])
  })
}

async function withFiles({ ana, ben, step }: Writers) {
  await step('a file of any kind is sent with its name and size, and downloads as it was', async () => {
    const buffer = Buffer.from(`RIFF????WAVE${'The lighthouse keeper is asleep. '.repeat(100)}`)
    // Without a name to save it by, a browser would play it.
    const sound = { name: 'ملاحظات.wav', mimeType: 'audio/wav', buffer }
    await ana.page.locator('input[type=file]').setInputFiles([sound])
    await ana.page.getByRole('list', { name: 'Files to send' }).getByText('4 kB').waitFor()
    await ana.page.getByRole('progressbar').waitFor({ state: 'detached' })
    await ana.write('My notes')
    const file = ben.bubble('My notes').getByRole('link', { name: sound.name })
    await file.getByText('4 kB').waitFor()
    const [download] = await Promise.all([ben.page.waitForEvent('download'), file.click()])
    assert.equal(download.suggestedFilename(), sound.name)
    assert.deepEqual(await readFile(await download.path()), buffer)
  })

  await step('more files than a message takes are refused with a reason', async () => {
    const files = Array.from({ length: 11 }, (_, n) => ({ name: `${n}.bin`, mimeType: '', buffer: Buffer.from([n]) }))
    await ana.page.locator('input[type=file]').setInputFiles(files)
    await ana.page.getByRole('alert').getByText('A message can have up to 10 files.').waitFor()
    const items = ana.page.getByRole('list', { name: 'Files to send' }).getByRole('listitem')
    assert.equal(await items.count(), 10)
  })
}
