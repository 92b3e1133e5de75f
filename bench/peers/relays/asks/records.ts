/** What a relay asks another process about each message. */
export type Question = "looks" | "sets";

export const SOCKET_FD = 3;
/** In front of a batch: how many messages it has. */
export const COUNT_BYTES = 4;
/** What is said of a message beside its text, its length first: as long as what a host is told of it. */
export const HEAD_BYTES = 32;
/** What the isolate says of a message that a member is set in. */
export const EDIT = '{"+user":"alice"}';
const UNCHANGED_BYTES = 45;
/** As long as what a host answers. */
export const ANSWER_BYTES: Readonly<Record<Question, number>> = {
  looks: UNCHANGED_BYTES,
  sets: UNCHANGED_BYTES + EDIT.length,
};
