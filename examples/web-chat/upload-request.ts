import type { ApiClient } from '../typescript/client'
import { errorOf } from '../typescript/problem'
import type { StoredFile } from '../typescript/schema'

interface Sending {
  file: File
  onProgress: (share: number) => void
  signal: AbortSignal
}

/** With XMLHttpRequest: `fetch` does not report how much of a body has been sent. */
function post({ file, onProgress, signal }: Sending, accessToken: string): Promise<XMLHttpRequest> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', `/v1/files?${new URLSearchParams({ name: file.name })}`)
    request.setRequestHeader('Authorization', `Bearer ${accessToken}`)
    request.setRequestHeader('Content-Type', file.type || 'application/octet-stream')
    request.responseType = 'json'
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0)
    request.onload = () => resolve(request)
    request.onerror = () => reject(new Error('The network was lost.'))
    request.onabort = () => reject(new Error('The upload was canceled.'))
    signal.addEventListener('abort', () => request.abort())
    request.send(file)
  })
}

/** `uploadFile`, with progress. */
export async function uploadFile({ session }: Pick<ApiClient, 'session'>, sending: Sending): Promise<StoredFile> {
  const request = await session.authorized((accessToken) => post(sending, accessToken))
  if (request.status !== 201) throw errorOf(request.response, request)
  return request.response
}
