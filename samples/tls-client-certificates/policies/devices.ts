import type { Upgrade } from "framegate/policy";

/** A device may use the path of its own name only; the server is told which device it is. */
export const upgrade: Upgrade = ({ client, request, log }) => {
  const device = client.certificate?.verified ? client.certificate.subject.CN : undefined;
  if (typeof device !== "string" || device !== request.params.name) {
    log.warn("no certificate for this device", { device, path: request.path });
    return { reject: { status: 403, body: "your certificate is for another device" } };
  }
  // Set here, it replaces what the client may have sent under this name.
  return { headers: { "X-Device": device }, attributes: { device } };
};
