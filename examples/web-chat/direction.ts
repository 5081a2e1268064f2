/** People's words for use within a sentence: whatever their direction, they do not turn what is around them. */
export const isolated = (words: string) => `\u2068${words}\u2069`
