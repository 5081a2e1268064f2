import ipaddr from 'ipaddr.js'

/**
 * The sizes in which networks are counted: where one subscriber assigns addresses (RFC 6177), what a provider assigns to
 * one customer, and what anybody gets for the asking. IPv4 addresses are too scarce for the middle size to differ.
 */
const prefixBits = {
  network: { ipv4: 32, ipv6: 64 },
  site: { ipv4: 32, ipv6: 56 },
  block: { ipv4: 24, ipv6: 48 },
}

export type NetworkScope = keyof typeof prefixBits

function within(ip: string | undefined, bits: (typeof prefixBits)[NetworkScope]): string {
  if (ip === undefined || !ipaddr.isValid(ip)) return 'unknown'
  const address = ipaddr.process(ip)
  const text = address.toString()
  if (address.kind() === 'ipv6') return `${ipaddr.IPv6.networkAddressFromCIDR(`${text}/${bits.ipv6}`)}/${bits.ipv6}`
  return bits.ipv4 === 32 ? text : `${ipaddr.IPv4.networkAddressFromCIDR(`${text}/${bits.ipv4}`)}/${bits.ipv4}`
}

/**
 * Returns the network of an address: for IPv4, the address itself; for IPv6, the /64. An IPv4 address inside IPv6 is
 * that IPv4 address. Anything that is not an address belongs to one network, `unknown`.
 */
export const clientNetwork = (ip: string | undefined): string => within(ip, prefixBits.network)

/** Returns the networks of an address by their size: `site` is the /56, or the IPv4 address; `block` the /48 or /24. */
export const clientNetworks = (ip: string | undefined): Record<NetworkScope, string> => ({
  network: clientNetwork(ip),
  site: within(ip, prefixBits.site),
  block: within(ip, prefixBits.block),
})
