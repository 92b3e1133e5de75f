import type { Upgrade } from "framegate/policy";

/** Who asks for the preview gets it; all others go where the route goes. */
export const upgrade: Upgrade = ({ request }) => {
  if (request.query.version === "preview") return { connect: "preview" };
};
