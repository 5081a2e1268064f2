// What happens to a chat when the network of one side fails.
import type { Network } from './network.ts'
import type { Person } from './people.ts'
import { lighthouse } from './picture.ts'
import type { Step } from './story.ts'

interface Cuts {
  ana: Person
  /** His network is the one that fails. */
  ben: Person
  network: Network
  step: Step
  /** What both have written, in order. */
  written: string[]
}

const connecting = ({ page }: Person) => page.getByRole('navigation').getByText('Connecting…')

const bothSee = ({ ana, ben, written }: Cuts) => Promise.all([ana.seesTexts(written), ben.seesTexts(written)])

const textsOf = (name: string, round: string) => [1, 2, 3].map((n) => `${name} ${round} ${n}`)

/** Both write while there is no network for Ben: what he wrote is sent after, so it stands below. */
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
  await step('a window whose network is gone says so, and sends what was written once it is back', async () => {
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

  await step('the same when the sockets die under a browser that thinks it is online', async () => {
    network.cut()
    await connecting(ben).waitFor()
    await writeApart(cuts, 'cut')
    network.heal()
    await bothSee(cuts)
  })
}

async function withoutAnswers(cuts: Cuts) {
  const { ana, ben, network, step } = cuts
  await step('what was sent, but whose answer was lost, is there once', async () => {
    network.loseAnswers()
    await ben.write('Ben lost 1')
    await ana.sees('Ben lost 1')
    await ben.bubble('Ben lost 1').getByText('Waiting to be sent').waitFor({ state: 'attached' })
    network.heal()
    cuts.written.push('Ben lost 1')
    await bothSee(cuts)
    await ben.seesStatus('Ben lost 1', 'Read')
  })

  await step('what waits to be sent outlives a reload', async () => {
    network.loseApi()
    await connecting(ben).waitFor()
    await ben.write('Ben reloaded 1')
    await ben.write('Ben reloaded 2')
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
  await step('a picture that met the cut is uploaded when asked again', async () => {
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

  await step('after a reload both still show the same, once and in order', async () => {
    await Promise.all([ana.page.reload(), ben.page.reload()])
    await Promise.all([ana.open('Ben Okoro'), ben.open('Ana Silva')])
    await bothSee(cuts)
  })
}
