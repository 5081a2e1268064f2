// Runs the stories once everything they need is installed. Arguments: the path of a browser, and a word to filter by.
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import type { Browser } from 'playwright-core'
import { type NpmServer, npmStart } from '../runtime/npm-start.ts'
import { throughTheNetwork } from './chat.ts'
import { chats } from './chats.ts'
import { documentation } from './docs.ts'
import { groups } from './groups.ts'
import { kitInABrowser } from './kit.ts'
import { longChat } from './long-chat.ts'
import { appearance } from './looks.ts'
import { missing } from './missing.ts'
import { offline } from './offline.ts'
import { readingView } from './reading-view.ts'
import type { Step, Story, StoryContext } from './story.ts'
import { launchChromium } from './windows.ts'
import { writing } from './writing.ts'

const root = path.resolve(import.meta.dirname, '../../..')
const screenshots = path.join(root, 'dist/screenshots')
const deadlineMs = 900_000

const stories: Record<string, Story> = {
  'The documentation': documentation,
  'Its reading view': readingView,
  'Two windows of the demo over a failing network': throughTheNetwork,
  'The list of chats': chats,
  'Three windows in groups': groups,
  'What people write': writing,
  'A chat of 5,000 messages': longChat,
  'What is empty, loading or failed': missing,
  'Opening it without a network': offline,
  'The client kit': kitInABrowser,
  'How it looks, and whether it is accessible': appearance,
}

const [executablePath, word = ''] = process.argv.slice(2)
if (!executablePath) throw new Error('Name the path of a browser.')
const chosen = Object.entries(stories).filter(([name]) => name.includes(word))

mkdirSync(screenshots, { recursive: true })
const counts = { passed: 0, failed: 0 }

const step: Step = async (name, work) => {
  const result = await work()
  counts.passed++
  console.log(`  ✓ ${name}`)
  return result
}

/** Saves screenshots and prints the server's warnings and errors. */
async function capture({ browser, server }: StoryContext) {
  const pages = browser.contexts().flatMap((context) => context.pages())
  for (const [index, page] of pages.entries())
    await page.screenshot({ path: path.join(screenshots, `failed-${index}.png`) }).catch(() => {})
  console.log(
    server
      .output()
      .split('\n')
      .filter((line) => /"level":"(?:error|warn)"/.test(line))
      .join('\n'),
  )
  for (const context of browser.contexts()) await context.close()
}

/** Runs one story. Its steps build on each other, so the first failure ends it. */
async function runStory([name, story]: [string, Story], context: StoryContext) {
  console.log(name)
  try {
    await story(context)
  } catch (error) {
    counts.failed++
    console.log(`  ✗ ${error instanceof Error ? error.stack : error}`)
    await capture(context)
  }
}

let server: NpmServer | undefined
let browser: Browser | undefined
const stop = async () => {
  await browser?.close()
  await server?.stop()
}
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop().finally(() => process.exit(1)))
setTimeout(() => {
  console.log(`Not finished after ${deadlineMs / 1000} s.`)
  process.kill(process.pid, 'SIGTERM')
}, deadlineMs).unref()

try {
  server = await npmStart()
  browser = await launchChromium(executablePath)
  for (const story of chosen) await runStory(story, { server, browser, step, screenshots })
} finally {
  await stop()
}
console.log(`${counts.passed} passed, ${counts.failed} failed`)
process.exit(counts.failed === 0 ? 0 : 1)
