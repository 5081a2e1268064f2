// Keeps the files of the page, so that it opens without a network. The API is none of its business: what it does not
// keep, it does not touch.

/** Set by the build: a hash of the files' contents, and their paths. */
declare const VERSION: string
declare const FILES: string[]

declare const self: ServiceWorkerGlobalScope

const prefix = 'demo '
const cacheName = `${prefix}${VERSION}`

async function keep() {
  const cache = await caches.open(cacheName)
  await cache.addAll(FILES.map((path) => new Request(path, { cache: 'reload' })))
  await self.skipWaiting()
}

async function dropOthers() {
  const names = await caches.keys()
  await Promise.all(names.filter((name) => name.startsWith(prefix) && name !== cacheName).map((n) => caches.delete(n)))
  await self.clients.claim()
}

/** What the server has now or, without one, what is kept: a changed demo shows at the next reload. */
async function fetched(request: Request, path: string): Promise<Response> {
  const kept = async () => (await caches.open(cacheName)).match(path)
  try {
    const response = await fetch(request)
    return response.status >= 500 ? ((await kept()) ?? response) : response
  } catch (error) {
    const response = await kept()
    if (!response) throw error
    return response
  }
}

self.addEventListener('install', (event) => event.waitUntil(keep()))
self.addEventListener('activate', (event) => event.waitUntil(dropOthers()))
self.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== self.location.origin || !FILES.includes(pathname)) return
  event.respondWith(fetched(request, pathname))
})

// A module of its own, so that `self` is this worker.
export {}
