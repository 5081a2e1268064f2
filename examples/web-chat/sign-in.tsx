import { useEffect, useRef, useState } from 'preact/hooks'
import type { ApiClient } from '../typescript/client'
import { answer } from '../typescript/problem'
import type { SignedIn, Verification } from '../typescript/schema'
import { useFocus } from './focus'
import { saidBy } from './problems'

interface SignInProps {
  client: ApiClient
  onSignedIn: (signedIn: SignedIn) => void
}

/** A form's one button and its error, shown in the form, where the user is looking, rather than in a toast. */
function useSubmit(work: () => Promise<void>) {
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<string>()
  const submit = async (event: Event) => {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    setFault(undefined)
    await work().catch((error) => setFault(saidBy(error)))
    setBusy(false)
  }
  return { busy, fault, submit }
}

const Fault = ({ id, text }: { id: string; text: string | undefined }) => (
  <p class="fault" id={id} role="alert">
    {text}
  </p>
)

/** Requests a code; if pressed again after a lost response, requests the same one. */
function useSend(client: ApiClient, phoneNumber: string, onSent: (verification: Verification) => void) {
  const clientRequestId = useRef<string>(undefined)
  return useSubmit(async () => {
    clientRequestId.current ??= crypto.randomUUID()
    const body = { phoneNumber, clientRequestId: clientRequestId.current }
    const verification = await answer(client.http.POST('/v1/auth/otp', { body }))
    clientRequestId.current = undefined
    onSent(verification)
  })
}

/** Counts down the whole seconds until a time. */
function useSecondsUntil(time: string) {
  const left = () => Math.max(0, Math.ceil((Date.parse(time) - Date.now()) / 1000))
  const [seconds, setSeconds] = useState(left)
  useEffect(() => {
    setSeconds(left())
    const timer = setInterval(() => setSeconds(left()), 1_000)
    return () => clearInterval(timer)
  }, [time])
  return seconds
}

function NumberStep({ client, onSent }: { client: ApiClient; onSent: (verification: Verification) => void }) {
  const [phoneNumber, setPhoneNumber] = useState('')
  const { busy, fault, submit } = useSend(client, phoneNumber, onSent)
  return (
    <form class="card" onSubmit={submit}>
      <h1>Sign in</h1>
      <p class="lead">Enter your phone number, and we’ll send a code to confirm it’s yours.</p>
      <label for="phone-number">Phone number</label>
      <input
        id="phone-number"
        ref={useFocus()}
        type="tel"
        autocomplete="tel"
        placeholder="+1 202 555 0101"
        required
        value={phoneNumber}
        onInput={({ currentTarget }) => setPhoneNumber(currentTarget.value)}
        aria-describedby="phone-number-fault phone-number-note"
      />
      <p class="note" id="phone-number-note">
        Include the country code, such as +1. Any valid number works here.
      </p>
      <Fault id="phone-number-fault" text={fault} />
      <button type="submit" class="primary" disabled={busy}>
        {busy ? 'Sending…' : 'Send code'}
      </button>
    </form>
  )
}

interface CodeStepProps extends SignInProps {
  verification: Verification
  onSent: (verification: Verification) => void
  onBack: () => void
}

function CodeStep({ client, verification, onSignedIn, onSent, onBack }: CodeStepProps) {
  const [code, setCode] = useState('')
  const again = useSend(client, verification.phoneNumber, onSent)
  const seconds = useSecondsUntil(verification.resendAt)
  const { busy, fault, submit } = useSubmit(async () => {
    const body = { verificationId: verification.verificationId, code, deviceName: 'Web chat', platform: 'web' as const }
    onSignedIn(await answer(client.http.POST('/v1/auth/otp/verify', { body })))
  })
  return (
    <form class="card" onSubmit={submit}>
      <h1>Enter the code</h1>
      <p class="lead">
        We sent it to <strong>{verification.phoneNumber}</strong>.
      </p>
      <label for="code">Code</label>
      <input
        id="code"
        class="code"
        inputMode="numeric"
        autocomplete="one-time-code"
        pattern="[0-9]{4,10}"
        maxLength={10}
        required
        ref={useFocus()}
        value={code}
        onInput={({ currentTarget }) => setCode(currentTarget.value)}
        aria-describedby="code-fault code-note"
      />
      <p class="note" id="code-note">
        No text message is sent in development: look for the code in the terminal that runs <code>npm start</code>.
      </p>
      <Fault id="code-fault" text={fault ?? again.fault} />
      <button type="submit" class="primary" disabled={busy}>
        {busy ? 'Checking…' : 'Sign in'}
      </button>
      <button type="button" class="plain" disabled={again.busy || seconds > 0} onClick={again.submit}>
        {seconds > 0 ? `Resend code in ${seconds} s` : 'Resend code'}
      </button>
      <button type="button" class="plain" onClick={onBack}>
        Use a different number
      </button>
    </form>
  )
}

export function SignIn({ client, onSignedIn }: SignInProps) {
  const [verification, setVerification] = useState<Verification>()
  return (
    <main class="welcome">
      <img class="logo" src="/demo/icon.svg" alt="" width="64" height="64" />
      {verification ? (
        <CodeStep
          {...{ client, verification, onSignedIn }}
          onSent={setVerification}
          onBack={() => setVerification(undefined)}
        />
      ) : (
        <NumberStep client={client} onSent={setVerification} />
      )}
      <p class="footnote">
        Each window signs in separately: open a second one as someone else, and chat with yourself. The API is
        documented at <a href="/docs">/docs</a>.
      </p>
    </main>
  )
}
