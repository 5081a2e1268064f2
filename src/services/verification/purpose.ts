/** What a code is for, and for whom. It proves nothing else. */
export type Purpose = { purpose: 'signIn' } | { purpose: 'changePhoneNumber'; userId: string }

export const userIdOf = (purpose: Purpose) => (purpose.purpose === 'signIn' ? null : purpose.userId)
