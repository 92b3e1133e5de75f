/**
 * What a host finds open when it starts. There is a socket for each direction, though each could carry both: who waits in a `read`
 * would be woken a second time, by the other end having read what was written to the same socket.
 */
export const CALLS_FD = 3;
export const JOURNAL_FD = 4;
/** Where a process reads the filter of the system calls that it may make, before it becomes a host. */
export const FILTER_FD = 5;
export const RESULTS_FD = 6;
