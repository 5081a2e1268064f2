const lookAlikes: Record<string, string> = {
  ...{ 0: 'o', 1: 'i', 3: 'e', 4: 'a', 5: 's', 6: 'g', 7: 't', 8: 'b', 9: 'g' },
  ...{ l: 'i', j: 'i' },
}

/** Writes a username without separators and case, and with one letter for those that look like it. */
function folded(username: string): string {
  return username
    .toLowerCase()
    .replaceAll('_', '')
    .replaceAll(/[0-9lj]/g, (character) => lookAlikes[character] ?? character)
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w')
}

/** Names under which a user could pass for the app or those who run it. Compared as `folded` writes them. */
const reserved = new Set(
  [
    ...['admin', 'admins', 'administrator', 'administration', 'root', 'superuser', 'sysadmin', 'system', 'owner'],
    ...['operator', 'moderator', 'moderators', 'mod', 'mods', 'staff', 'team', 'bot', 'official', 'verified'],
    ...['support', 'supportteam', 'helpdesk', 'help', 'helpcenter', 'contact', 'customerservice', 'customersupport'],
    ...['service', 'services', 'security', 'securityteam', 'safety', 'trust', 'abuse', 'fraud', 'privacy', 'legal'],
    ...['billing', 'payment', 'payments', 'account', 'accounts', 'login', 'signin', 'signup', 'verify', 'verification'],
    ...['password', 'code', 'codes', 'otp', 'info', 'news', 'notice', 'notices', 'notification', 'notifications'],
    ...[
      'announcement',
      'announcements',
      'update',
      'updates',
      'everyone',
      'all',
      'here',
      'channel',
      'me',
      'you',
      'self',
    ],
    ...['anonymous', 'deleted', 'deleteduser', 'nobody', 'unknown', 'user', 'guest', 'null', 'undefined', 'none'],
    ...['api', 'app', 'www', 'web', 'mail', 'postmaster', 'webmaster', 'hostmaster', 'noreply', 'test', 'server'],
  ].map(folded),
)

/** The product's own name: no part of a username. */
const products = ['bigproject'].map(folded)

/** Whether a username is, or looks like, one that only the app itself could have; also with digits around it. */
export function isReservedUsername(username: string): boolean {
  const bare = username.replaceAll(/^[0-9_]+|[0-9_]+$/g, '')
  const forms = [folded(username), folded(bare)]
  return forms.some((form) => reserved.has(form) || products.some((product) => form.includes(product)))
}
