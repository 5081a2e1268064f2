// Texts as people write them, and as nobody does: scripts of one to four bytes a character, and what JSON has to escape.
import { limits } from './limits.ts'

const flavours = {
  latin: 'Did you see the lighthouse? Não, só à noite – “c’est fermé”, said Zoë; naïve façade, 100 % ß. ',
  quoted: 'He wrote: "C:\\harbour\\boats"\n\tand then {"a":"\\"}\r\n</script> ',
  chinese: '今天晚上我们在港口看到了灯塔的光，船还没有回来。東京の海辺で待っています。',
  emoji: '👍🏽 👩‍👩‍👧‍👦 🏴‍☠️ 🌊 ⛵️ 𝒜𝒷 𐍈 ',
  arabic: 'هل رأيت المنارة الليلة؟ لا، كانت مغلقة. ประภาคารปิดแล้ว ',
  controls: '\u0001\u0002\u001f\u007f\u2028',
}

const charactersMax = limits.textCharactersMax

const rivers = Object.fromEntries(
  Object.entries(flavours).map(([name, phrase]) => {
    const characters = Array.from(phrase)
    return [name, Array.from({ length: charactersMax * 2 }, (_, index) => characters[index % characters.length])]
  }),
)

/** Text of as many characters, from anywhere in a flavour; blanks at its ends are text as well. */
export function textOf(draw, flavour, characters) {
  const start = draw.below(charactersMax)
  return rivers[flavour].slice(start, start + characters).join('')
}

const lengths = {
  short: (draw) => draw.between(1, 200),
  medium: (draw) => draw.between(200, 2_000),
  long: (draw) => draw.between(2_000, charactersMax),
  longest: () => charactersMax,
}

const lengthWeights = { short: 120, medium: 60, long: 14, longest: 6 }
const flavourWeights = { latin: 8, quoted: 3, chinese: 3, emoji: 3, arabic: 2, controls: 1 }

/** A text of any length that a message can have, most often short. */
export const anyText = (draw) =>
  textOf(draw, draw.weighted(flavourWeights), lengths[draw.weighted(lengthWeights)](draw))
