/**
 * `framegate/lenses`: typed views of what people really send. A lens is a function that takes handlers, one for each kind of
 * packet, and returns the hooks of a policy.
 */
export * from "./graphql-ws.ts";
export * from "./jsonrpc.ts";
export type { LensHooks, LensOptions } from "./lib/lens.ts";
export type { LensHandlers, PacketHandler, PacketVerdict } from "./lib/protocol.ts";
export * from "./mqtt/mqtt.ts";
export * from "./ocpp/ocpp.ts";
export type { RealtimeEvent, RealtimeEventOf } from "./openai-realtime/events.ts";
export * from "./openai-realtime/openai-realtime.ts";
export * from "./signalr/signalr.ts";
export * from "./socket-io/packets.ts";
export * from "./socket-io/socket-io.ts";
export * from "./stomp/stomp.ts";
export type { CountHooks, CountRules, WindowCount } from "./window/count-window.ts";
export { countWindow } from "./window/count-window.ts";
export type { WindowMessage } from "./window/held-messages.ts";
export type { WindowHooks, WindowRules } from "./window/window.ts";
export { window } from "./window/window.ts";
