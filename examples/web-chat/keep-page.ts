const script = '/demo/service-worker.js'

/** The part of Trusted Types that is used: https://w3c.github.io/trusted-types/ */
interface TrustedTypes {
  createPolicy: (name: string, rules: { createScriptURL: () => string }) => { createScriptURL: (url: string) => string }
}

declare global {
  var trustedTypes: TrustedTypes | undefined
}

/** Has the browser keep the page for when there is no network. Does nothing where it cannot, as without HTTPS. */
export async function keepPage() {
  // The security policy of the page lets no other script be named.
  const policy = globalThis.trustedTypes?.createPolicy('service-worker', { createScriptURL: () => script })
  const url = policy?.createScriptURL(script) ?? script
  await navigator.serviceWorker?.register(url, { scope: '/demo' })
}
