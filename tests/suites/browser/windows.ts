// Chromium, and windows of it that write down whatever must not happen.
import { chromium } from 'playwright-core'

/** A bound for what hangs, not a measure: machines are noisy. */
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

export const launchChromium = (executablePath) => chromium.launch({ executablePath, args: quiet })

/** A window with storage of its own. `faults` has every error of its console, and every request to another origin. */
export async function openWindow(browser, { origin, ...options }) {
  const context = await browser.newContext({ baseURL: origin, viewport: { width: 1280, height: 800 }, ...options })
  context.setDefaultTimeout(withinMs)
  const page = await context.newPage()
  const faults = []
  let isCut = false
  page.on('pageerror', (error) => faults.push(`error: ${error.stack}`))
  page.on('console', (message) => {
    const isOfNetwork = /Failed to load resource|WebSocket connection to/.test(message.text())
    if (message.type() === 'error' && !(isCut && isOfNetwork)) faults.push(`console: ${message.text()}`)
  })
  const checkOrigin = (url) => {
    const { protocol, host } = new URL(url)
    if (!['data:', 'blob:'].includes(protocol) && host !== new URL(origin).host) faults.push(`request: ${url}`)
  }
  context.on('request', (request) => checkOrigin(request.url()))
  page.on('websocket', (socket) => checkOrigin(socket.url()))
  return {
    page,
    context,
    faults,
    /** From here on, the console may complain that the network does not work. */
    expectCut: () => {
      isCut = true
    },
  }
}
