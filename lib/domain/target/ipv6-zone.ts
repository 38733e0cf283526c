/** Whether the host of a URL is an address such as `[fe80::1%eth0]`: the zone names an interface of one machine. */
export const hasIpv6Zone = (url: string): boolean =>
  /^(?:[a-z]+:[\\/]*)?(?:[^\\/?#]*@)?\[[^\]\\/]*%/i.test(url.trim());
