import ipaddr from 'ipaddr.js'

const subscriberBits = 64

/**
 * Returns the network of an address: for IPv4, the address itself; for IPv6, the /64, within which one subscriber
 * assigns addresses (RFC 6177). An IPv4 address inside IPv6 is that IPv4 address. Anything that is not an address
 * belongs to one network, `unknown`.
 */
export function clientNetwork(ip: string | undefined): string {
  if (ip === undefined || !ipaddr.isValid(ip)) return 'unknown'
  const address = ipaddr.process(ip)
  if (address.kind() === 'ipv4') return address.toString()
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${address.toString()}/${subscriberBits}`).toString()}/${subscriberBits}`
}
