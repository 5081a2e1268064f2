// Chromium, and windows that record everything that must not happen.
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

/** A generous limit that only catches hangs. */
const withinMs = 90_000

const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export interface WindowOptions extends BrowserContextOptions {
  origin: string
}

export interface Window {
  page: Page
  context: BrowserContext
  /** Console errors, and requests to other origins. */
  faults: string[]
  /** Tolerates network errors in the console from here on. */
  expectCut: () => void
}

export const launchChromium = (executablePath: string) => chromium.launch({ executablePath, args: quiet })

/** Opens a window with its own storage. */
export async function openWindow(browser: Browser, { origin, ...options }: WindowOptions): Promise<Window> {
  const context = await browser.newContext({ baseURL: origin, viewport: { width: 1280, height: 800 }, ...options })
  context.setDefaultTimeout(withinMs)
  const page = await context.newPage()
  const faults: string[] = []
  let isCut = false
  page.on('pageerror', (error) => faults.push(`error: ${error.stack}`))
  page.on('console', (message) => {
    const isOfNetwork = /Failed to load resource|WebSocket connection to/.test(message.text())
    if (message.type() === 'error' && !(isCut && isOfNetwork)) faults.push(`console: ${message.text()}`)
  })
  const checkOrigin = (url: string) => {
    const { protocol, host } = new URL(url)
    if (!['data:', 'blob:'].includes(protocol) && host !== new URL(origin).host) faults.push(`request: ${url}`)
  }
  context.on('request', (request) => checkOrigin(request.url()))
  page.on('websocket', (socket) => checkOrigin(socket.url()))
  return {
    page,
    context,
    faults,
    expectCut: () => {
      isCut = true
    },
  }
}
