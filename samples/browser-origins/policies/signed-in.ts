import type { Upgrade } from "framegate/policy";

/** The application's cookie says who it is. `origins` is why it can be believed: no other site's page gets this far. */
export const upgrade: Upgrade = ({ request }) => {
  const cookies = (request.headers.get("cookie") ?? "").split("; ");
  const user = cookies.find((cookie) => cookie.startsWith("user="))?.slice("user=".length);
  if (!user) return { reject: { status: 401, body: "sign in first" } };
  return { headers: { "X-User": user }, attributes: { user } };
};
