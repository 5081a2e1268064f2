import { limits } from '../src/core/limits'

/** The summary of the protocol in the document. */
export const protocol = `
Opens a WebSocket to your mailbox, authenticated by a \`ticket\` from \`createRealtimeTicket\` or, for clients that can set headers, by the access token. Frames are JSON text: see the schemas \`ClientFrame\` and \`ServerFrame\`.

1. The server sends \`changes\` frames starting at \`cursor\`, then \`caughtUp\`, then further \`changes\` as they happen, without gaps or repeats. Store the cursor of the last one and reconnect with it.
2. Acknowledge each \`changes\` frame with \`received\` once you have stored it. At most ${limits.socketUnreceivedMax} unacknowledged frames are sent ahead. After many other frames, the server also sends a \`changes\` frame without changes, to see that you read.
3. \`sendMessage\`, \`markRead\`, \`typing\` and \`presence\` carry an \`id\`; the server replies with an \`ack\` or an \`error\` that has the same \`id\`. Changes made over REST or on other devices also arrive as \`changes\`.
4. Send the text \`ping\` about every 30 seconds; the server replies with \`pong\`. A device that has been silent for ${limits.presenceFreshMs / 1000} seconds counts as offline.

A frame, text or binary, has at most ${limits.jsonBodyBytesMax / 1024} KiB.

Close codes: \`1009\` your frame is too large; \`4401\` the session has ended; \`4408\` no \`received\` arrived for ${limits.socketUnreceivedMs / 1000} seconds, or ${limits.socketUnreadBytesMax / 1024 ** 2} MiB of frames other than \`changes\` were sent without one; \`4409\` you have more than ${limits.socketsMax} connections, and this one had been silent for longest; \`4429\` more than ${limits.socketFramesMax} frames in ${limits.socketFramesWindowMs / 1000} seconds, not counting the \`received\` frames that are due, or more than ${limits.socketFrameBytesMax / 1024 ** 2} MiB of frames. After any other code, reconnect with increasing backoff and the last cursor.
`.trim()
