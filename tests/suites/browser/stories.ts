// What `npm run test:browser` runs, once everything that it needs is installed: the path of a browser, and which stories.
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import type { Browser } from 'playwright-core'
import { type NpmServer, npmStart } from '../runtime/npm-start.ts'
import { throughTheNetwork } from './chat.ts'
import { documentation } from './docs.ts'
import { appearance } from './looks.ts'
import type { Step, Story, StoryContext } from './story.ts'
import { launchChromium } from './windows.ts'

const root = path.resolve(import.meta.dirname, '../../..')
const screenshots = path.join(root, 'dist/screenshots')
const deadlineMs = 900_000

const stories: Record<string, Story> = {
  'The documentation': documentation,
  'Two windows of the demo, and a network that is cut': throughTheNetwork,
  'How it looks, and whom it shuts out': appearance,
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

/** What could be seen, and what the server had to say. */
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

/** The steps of a story follow from each other: after one that fails, the others are not tried. */
async function tell([name, story]: [string, Story], context: StoryContext) {
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
  console.log(`Not done after ${deadlineMs / 1000} s.`)
  process.kill(process.pid, 'SIGTERM')
}, deadlineMs).unref()

try {
  server = await npmStart()
  browser = await launchChromium(executablePath)
  for (const story of chosen) await tell(story, { server, browser, step, screenshots })
} finally {
  await stop()
}
console.log(`${counts.passed} passed, ${counts.failed} failed`)
process.exit(counts.failed === 0 ? 0 : 1)
