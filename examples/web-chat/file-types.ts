/** Whether browsers show it as a picture. */
export const isPicture = (contentType: string) => /^image\/(?:jpeg|png|gif|webp|avif)$/.test(contentType)

export function sizeOf(bytes: number) {
  if (bytes < 1_000) return `${bytes} B`
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}

/** Whether a signed link no longer works. The device's clock can be wrong: then the link is tried. */
export const hasExpired = (link: string) =>
  Number(new URL(link, location.origin).searchParams.get('expires') ?? Number.POSITIVE_INFINITY) * 1_000 < Date.now()
