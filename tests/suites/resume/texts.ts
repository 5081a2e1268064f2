// Realistic and unrealistic texts: scripts with one to four bytes per character, and characters that JSON has to escape.
import type { Random } from '../../support/random.ts'
import { limits } from './limits.ts'

const flavors = {
  latin: 'Did you see the lighthouse? Não, só à noite – “c’est fermé”, said Zoë; naïve façade, 100 % ß. ',
  quoted: 'He wrote: "C:\\harbour\\boats"\n\tand then {"a":"\\"}\r\n</script> ',
  chinese: '今天晚上我们在港口看到了灯塔的光，船还没有回来。東京の海辺で待っています。',
  emoji: '👍🏽 👩‍👩‍👧‍👦 🏴‍☠️ 🌊 ⛵️ 𝒜𝒷 𐍈 ',
  arabic: 'هل رأيت المنارة الليلة؟ لا، كانت مغلقة. ประภาคารปิดแล้ว ',
  controls: 'a\u0001\u0002\u001f\u007f\u2028',
}

const charactersMax = limits.textCharactersMax

/** For each flavor, more characters than the longest text needs. */
const characterLists = new Map(
  Object.entries(flavors).map(([name, phrase]): [string, string[]] => {
    const times = Math.ceil((charactersMax * 2) / Array.from(phrase).length)
    return [name, Array.from(phrase.repeat(times))]
  }),
)

/** A text of a given length from a random position in a flavor; leading and trailing spaces are kept. */
export function textOf(draw: Random, flavor: keyof typeof flavors, characters: number): string {
  const start = draw.below(charactersMax)
  return (characterLists.get(flavor) ?? []).slice(start, start + characters).join('')
}

const lengths: Record<keyof typeof lengthWeights, (draw: Random) => number> = {
  short: (draw) => draw.between(1, 200),
  medium: (draw) => draw.between(200, 2_000),
  long: (draw) => draw.between(2_000, charactersMax),
  longest: () => charactersMax,
}

const lengthWeights = { short: 120, medium: 60, long: 14, longest: 6 }
const flavorWeights = { latin: 8, quoted: 3, chinese: 3, emoji: 3, arabic: 2, controls: 1 }

const blank = /^[\p{White_Space}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]*$/u

/** A text of any length that a message allows, usually short. It shows something. */
export function anyText(draw: Random): string {
  for (;;) {
    const text = textOf(draw, draw.weighted(flavorWeights), lengths[draw.weighted(lengthWeights)](draw))
    if (!blank.test(text)) return text
  }
}
