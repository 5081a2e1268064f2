import { useEffect, useRef, useState } from 'preact/hooks'
import { apiClient } from '../typescript/client'
import type { SignedIn, Tokens } from '../typescript/schema'
import { Account } from './account'
import { Messenger } from './messenger'
import { useChangesOf } from './observable'
import { ProfileForm } from './profile'
import { SignIn } from './sign-in'
import { ToastList, toasts } from './toasts'
import { claim, eraseAbandoned, windowTokens } from './window-storage'

/** Shown after the first sign-in: others have to see whom they are chatting with. */
function Welcome({ account }: { account: Account }) {
  return (
    <main class="welcome">
      <img class="logo" src="/demo/icon.svg" alt="" width="64" height="64" />
      <div class="card">
        <h1>What’s your name?</h1>
        <p class="lead">People you chat with will see it.</p>
        <ProfileForm account={account} onSaved={() => {}} />
      </div>
    </main>
  )
}

function SignedInScreen({ account }: { account: Account }) {
  useChangesOf(account)
  useEffect(() => {
    void account.run()
    return () => account.close()
  }, [account])
  return account.me?.firstName === null ? <Welcome account={account} /> : <Messenger account={account} />
}

function useAccount() {
  const [account, setAccount] = useState<Account>()
  const opened = useRef<Account>(undefined)
  const [client] = useState(() => {
    const onSignedOut = () => {
      void opened.current?.erase()
      setAccount(undefined)
      toasts.show('You’ve been signed out.')
    }
    return apiClient({ origin: location.origin, tokens: windowTokens, onSignedOut })
  })
  const open = async (tokens: Tokens) => {
    if (!(await claim(tokens))) return windowTokens.clear()
    opened.current = await Account.open(client, tokens.sessionId)
    setAccount(opened.current)
  }
  useEffect(() => {
    const tokens = windowTokens.load()
    if (tokens) void open(tokens)
  }, [])
  const onSignedIn = async ({ tokens }: SignedIn) => {
    await eraseAbandoned().catch(() => {})
    await client.session.begin(tokens)
    await open(tokens)
  }
  return { account, client, onSignedIn }
}

export function App() {
  const { account, client, onSignedIn } = useAccount()
  return (
    <>
      {account ? <SignedInScreen account={account} /> : <SignIn {...{ client, onSignedIn }} />}
      <ToastList />
    </>
  )
}
