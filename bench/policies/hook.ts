import type { Upgrade } from "framegate/policy";

export const upgrade: Upgrade = ({ request }) => ({
  attributes: { user: request.headers.get("x-user") ?? "nobody" },
});
