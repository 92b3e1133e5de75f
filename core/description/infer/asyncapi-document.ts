import { countOf } from "../../../policies/count-of.ts";
import type { SideDescription } from "../../../policies/messages/description.ts";
import { freeName } from "../plain-schemas.ts";
import type { Inferred, InferredSide } from "./infer.ts";

export interface InferredConnection {
  /** Of the route, or the only path that sessions had: `/chat/:room`. */
  readonly path: string;
  /** The name of the recording's file. */
  readonly source: string;
}

/** An AsyncAPI document, of the server's view, that `framegate asyncapi` takes. */
export function renderAsyncApi(inferred: Inferred, { path, source }: InferredConnection): object {
  const { client, server } = inferred.messages;
  const { sides } = inferred;
  const received = messageKeys(client, new Set());
  const sent = messageKeys(server, new Set(received.values()));
  const address = path.replaceAll(/:(\w+)/g, "{$1}");
  const parameters = [...address.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => [name, {}] as const);
  const listOf = (keys: ReadonlyMap<string, string>) =>
    [...keys.values()].map((key) => ({ $ref: `#/channels/connection/messages/${key}` }));
  return {
    asyncapi: "3.0.0",
    info: {
      title: path,
      version: "0.1.0",
      description: `Inferred from ${source}: what was seen there, which may be less than what there is.`,
    },
    defaultContentType: "application/json",
    channels: {
      connection: {
        address,
        ...(parameters.length > 0 && { parameters: Object.fromEntries(parameters) }),
        messages: {
          ...messagesOf(client, received, sides.client),
          ...messagesOf(server, sent, sides.server),
        },
      },
    },
    operations: {
      ...(received.size > 0 && { fromClients: operation("receive", listOf(received)) }),
      ...(sent.size > 0 && { toClients: operation("send", listOf(sent)) }),
    },
  };
}

function operation(action: string, messages: readonly object[]): object {
  return { action, channel: { $ref: "#/channels/connection" }, messages };
}

/** What is no JSON stands for itself. */
const OTHER = "other";

/** Both sides' messages are in one channel: no two have one key there. */
function messageKeys(
  { messages, passesOthers }: SideDescription,
  taken: Set<string>,
): ReadonlyMap<string, string> {
  const names = [...Object.keys(messages), ...(passesOthers === true ? [OTHER] : [])];
  return new Map(
    names.map((name) => {
      const key = freeName(name, taken);
      taken.add(key);
      return [name, key];
    }),
  );
}

function messagesOf(
  { messages, passesOthers }: SideDescription,
  keys: ReadonlyMap<string, string>,
  { kinds, others }: InferredSide,
): object {
  const described = kinds.map(({ name, count, doubts }) => [
    keys.get(name),
    {
      summary: `Seen ${countOf(count, "time")}.`,
      ...(doubts.length > 0 && { description: `Not sure: ${doubts.join("; ")}.` }),
      payload: messages[name]?.schema,
    },
  ]);
  const summary = `What is no JSON. Seen ${countOf(others, "time")}.`;
  const other = [keys.get(OTHER), { summary, contentType: "application/octet-stream", payload: {} }];
  return Object.fromEntries([...described, ...(passesOthers === true ? [other] : [])]);
}
