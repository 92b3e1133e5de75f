import type { Upgrade } from "framegate/policy";

const DESKS: Readonly<Record<string, string>> = {
  ada: "rates",
  grace: "equities",
  linus: "fx",
  mary: "rates",
};

/** Whoever has no known name stays outside; the others bring their desk along. */
export const upgrade: Upgrade = ({ request, log }) => {
  const user = request.query.user;
  if (user === undefined)
    return { reject: { status: 401, headers: { "WWW-Authenticate": "Bearer" }, body: "say who you are\n" } };
  if (DESKS[user] === undefined) {
    log.warn("unknown user", user);
    return { reject: { status: 403, body: `${user} may not trade here\n` } };
  }
  return {
    attributes: { user, desk: DESKS[user] },
    headers: { "X-User": user, "X-Desk": DESKS[user] },
  };
};
