/** Of a policy, where a test has no other: on a busy machine the defaults now and then cost a message, or a start. */
export const PATIENT = { messageTimeout: "250ms", loadTimeout: "5s" } as const;
