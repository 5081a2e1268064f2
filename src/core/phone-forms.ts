/**
 * Numbers that are written in two ways and ring at one phone. Both are possible numbers; one of them is the identity, and
 * the one that messages reach.
 */
interface TwoForms {
  canonical: RegExp
  other: RegExp
  toCanonical: string
  toOther: string
}

const twoForms: TwoForms[] = [
  // Argentina: mobile numbers have a 9 before the area code, which is often left out.
  {
    canonical: /^\+549(?<rest>(?:11|[23]\d)\d{8})$/,
    other: /^\+54(?<rest>(?:11|[23]\d)\d{8})$/,
    toCanonical: '+549$<rest>',
    toOther: '+54$<rest>',
  },
  // Brazil: mobile numbers got a 9 in front between 2012 and 2016. Trunked radios, at 70 and 77 to 79, did not.
  {
    canonical: /^\+55(?<area>[1-9]{2})9(?<rest>[689]\d{7}|7[1-6]\d{6})$/,
    other: /^\+55(?<area>[1-9]{2})(?<rest>[689]\d{7}|7[1-6]\d{6})$/,
    toCanonical: '+55$<area>9$<rest>',
    toOther: '+55$<area>$<rest>',
  },
]

/** The form (E.164) of a number (E.164) that is its identity. */
export function canonicalForm(phoneNumber: string): string {
  const forms = twoForms.find(({ other }) => other.test(phoneNumber))
  return forms ? phoneNumber.replace(forms.other, forms.toCanonical) : phoneNumber
}

/** Every form (E.164) of a number (E.164), its identity first. */
export function formsOf(phoneNumber: string): [string, ...string[]] {
  const canonical = canonicalForm(phoneNumber)
  const forms = twoForms.find((one) => one.canonical.test(canonical))
  return forms ? [canonical, canonical.replace(forms.canonical, forms.toOther)] : [canonical]
}

/** Whether two numbers (E.164) ring at one phone. */
export const isSamePhone = (a: string, b: string) => canonicalForm(a) === canonicalForm(b)
