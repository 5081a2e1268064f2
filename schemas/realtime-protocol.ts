import { limits } from '../src/core/limits'

/** The protocol in brief, as the document tells it. */
export const protocol = `
A WebSocket into the caller's own mailbox, authenticated by a \`ticket\` of \`createRealtimeTicket\`, or by the access token for clients that can set headers. Frames are JSON texts: \`ClientFrame\` and \`ServerFrame\` among the schemas.

1. The server sends \`changes\` frames from \`cursor\` on, then \`caughtUp\`, then goes on with \`changes\` as they happen, without a gap or a repeat. Store the cursor of the last one; connect again with it.
2. Answer each \`changes\` frame with \`received\` once it is stored. At most ${limits.socketUnreceivedMax} are sent ahead.
3. \`sendMessage\`, \`markRead\`, \`typing\` and \`presence\` carry an \`id\`, and are answered by an \`ack\` or an \`error\` with it. What was done over REST and on other devices comes as \`changes\` as well.
4. Send the text \`ping\` every 30 seconds or so; \`pong\` comes back. A device that has been silent for ${limits.presenceFreshMs / 1000} seconds is not online.

Close codes: \`4401\` the session has ended; \`4408\` \`received\` did not come for ${limits.socketUnreceivedMs / 1000} seconds; \`4409\` the user has more than ${limits.socketsMax} connections, and this was the oldest; \`4429\` more than ${limits.socketFramesMax} frames in ${limits.socketFramesWindowMs / 1000} seconds, not counting the \`received\` that are due. After any other, connect again, with a growing delay and the last cursor.
`.trim()
