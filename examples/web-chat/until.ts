/** Resolves on the event, or at once if there is nothing to wait for. */
export const until = (isSo: () => boolean, event: string) =>
  new Promise<void>((resolve) => {
    if (isSo()) resolve()
    else addEventListener(event, () => resolve(), { once: true })
  })
