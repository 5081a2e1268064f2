// How a chat behaves when one side loses its network.
import type { Network } from './network.ts'
import type { Person } from './people.ts'
import { lighthouse } from './picture.ts'
import type { Step } from './story.ts'

interface Cuts {
  ana: Person
  /** The one whose network fails. */
  ben: Person
  network: Network
  step: Step
  /** What both have written so far, in order. */
  written: string[]
}

const connecting = ({ page }: Person) => page.getByRole('navigation').getByText('Connecting…')

const bothSee = ({ ana, ben, written }: Cuts) => Promise.all([ana.seesTexts(written), ben.seesTexts(written)])

const textsOf = (name: string, round: string) => [1, 2, 3].map((n) => `${name} ${round} ${n}`)

/** Both write while Ben has no network. His messages are sent later, so they appear below hers. */
async function writeApart({ ana, ben, written }: Cuts, round: string) {
  const [hers, his] = [textsOf('Ana', round), textsOf('Ben', round)]
  for (const text of his) await ben.write(text)
  for (const text of hers) await ana.write(text)
  await ben
    .bubble(his.at(-1) ?? '')
    .getByText('Waiting to be sent')
    .waitFor({ state: 'attached' })
  await ana.seesStatus(hers.at(-1) ?? '', 'Delivered')
  await ben.seesTexts([...written, ...his])
  written.push(...hers, ...his)
}

export async function throughCuts(cuts: Cuts) {
  await withoutNetwork(cuts)
  await withoutAnswers(cuts)
  await uploadAgain(cuts)
}

async function withoutNetwork(cuts: Cuts) {
  const { ben, network, step } = cuts
  await step('an offline window says so, and sends what was written once it is online', async () => {
    ben.expectCut()
    network.cut()
    await ben.context.setOffline(true)
    await connecting(ben).waitFor()
    await writeApart(cuts, 'offline')
    network.heal()
    await ben.context.setOffline(false)
    await bothSee(cuts)
    await connecting(ben).waitFor({ state: 'detached' })
  })

  await step('so does a window whose sockets die while the browser believes it is online', async () => {
    network.cut()
    await connecting(ben).waitFor()
    await writeApart(cuts, 'cut')
    network.heal()
    await bothSee(cuts)
  })
}

async function withoutAnswers(cuts: Cuts) {
  const { ana, ben, network, step } = cuts
  await step('a message whose answer was lost is there once', async () => {
    network.loseAnswers()
    await ben.write('Ben lost 1')
    await ana.sees('Ben lost 1')
    await ben.bubble('Ben lost 1').getByText('Waiting to be sent').waitFor({ state: 'attached' })
    network.heal()
    cuts.written.push('Ben lost 1')
    await bothSee(cuts)
    await ben.seesStatus('Ben lost 1', 'Read')
  })

  await step('unsent messages survive a reload', async () => {
    network.loseApi()
    await connecting(ben).waitFor()
    await ben.write('Ben reloaded 1')
    await ben.write('Ben reloaded 2')
    // What is shown is stored.
    await ben.sees('Ben reloaded 2')
    await ben.page.reload()
    await connecting(ben).waitFor()
    network.heal()
    await ben.open('Ana Silva')
    cuts.written.push('Ben reloaded 1', 'Ben reloaded 2')
    await bothSee(cuts)
  })
}

async function uploadAgain(cuts: Cuts) {
  const { ana, ben, network, step } = cuts
  await step('an interrupted picture upload can be retried', async () => {
    network.cut()
    await ben.page.locator('input[type=file]').setInputFiles(lighthouse)
    const again = ben.page.getByRole('button', { name: 'Try again' })
    await again.waitFor()
    network.heal()
    await again.click()
    await again.waitFor({ state: 'detached' })
    await ben.page.getByRole('progressbar').waitFor({ state: 'detached' })
    await ben.write('Ben again 1')
    cuts.written.push('Ben again 1')
    await bothSee(cuts)
  })

  await step('after a reload, both show the same messages once and in order', async () => {
    await Promise.all([ana.page.reload(), ben.page.reload()])
    await Promise.all([ana.open('Ben Okoro'), ben.open('Ana Silva')])
    await bothSee(cuts)
  })
}
