import { lazy } from './lazy'

const recommended = lazy(() => /^\p{RGI_Emoji}$/v)

// Characters that are text unless a selector makes them a picture, or a skin tone follows.
const needsSelector = lazy(() => /[\p{Emoji}--\p{Emoji_Presentation}](?!\p{Emoji_Modifier})/gv)

/**
 * Returns the fully qualified spelling of an emoji (UTS #51): keyboards and libraries leave out the selector U+FE0F where
 * it does not show. What is no emoji comes back as something else that is none.
 */
export const qualifiedEmoji = (text: string) => text.replaceAll('\uFE0F', '').replaceAll(needsSelector(), '$&\uFE0F')

/** Whether a text is one emoji that Unicode recommends for interchange (RGI), fully qualified. */
export const isRecommendedEmoji = (text: string) => recommended().test(text)
