/**
 * What a host has sent cannot come from one that works. In what became of one call it is the fault of that call; anywhere
 * else the host is not to be trusted any more, and is replaced.
 */
export class HostNonsense extends Error {
  override readonly name = "HostNonsense";
  readonly code = "ERR_HOST_NONSENSE";
}
