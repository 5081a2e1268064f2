import ipaddr from 'ipaddr.js'

const subscriberBits = 64

/**
 * The network of an address: an IPv4 address itself, of IPv6 the /64, which is one subscriber's to number within (RFC
 * 6177). An IPv4 address inside IPv6 is that IPv4 address. What is no address is one network, `unknown`.
 */
export function clientNetwork(ip: string | undefined): string {
  if (ip === undefined || !ipaddr.isValid(ip)) return 'unknown'
  const address = ipaddr.process(ip)
  if (address.kind() === 'ipv4') return address.toString()
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${address.toString()}/${subscriberBits}`).toString()}/${subscriberBits}`
}
