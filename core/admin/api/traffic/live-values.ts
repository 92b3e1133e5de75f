import type { LiveValues } from "../../../traffic/filter/complete.ts";
import type { FieldName } from "../../../traffic/filter/fields.ts";
import type { CloseRecord, UpgradeRecord } from "../../../traffic/records.ts";
import type { TrafficStore } from "../../../traffic/store/store.ts";
import type { GatewayView } from "../../gateway-view.ts";
import { knownRoutes } from "../known-routes.ts";

type View = Pick<GatewayView, "table" | "policies">;

interface Recent {
  readonly upgrades: readonly UpgradeRecord[];
  readonly closes: readonly CloseRecord[];
  readonly nodes: readonly string[];
}

/** Newest records that are looked at. */
const MOST_RECENT = 300;
/** For so long what has been found is offered again: somebody writes. */
const FRESH_MS = 3_000;

/** What the fields of a filter have at the moment: of routes and policies, and of the newest traffic. */
export function createLiveValues(traffic: TrafficStore, view: View): () => Promise<LiveValues> {
  let found: Promise<Recent> | undefined;
  let foundAt = 0;

  return async () => {
    if (found === undefined || performance.now() - foundAt > FRESH_MS) {
      foundAt = performance.now();
      found = readRecent();
    }
    // What cannot be read now is no reason not to complete the rest.
    const recent = await found.catch(() => NONE);
    return {
      values: (field, key) => distinct(valuesOf(field, key, recent)),
      keys: (field) => distinct(field === "attribute" ? attributeNames(recent) : headerNames(recent)),
    };
  };

  async function readRecent(): Promise<Recent> {
    const [upgrades, closes] = await Promise.all([
      traffic.query({ kind: "upgrade", limit: MOST_RECENT }),
      traffic.query({ kind: "close", limit: MOST_RECENT }),
    ]);
    const all = [...upgrades.records, ...closes.records];
    return {
      upgrades: all.filter((record) => record.kind === "upgrade"),
      closes: all.filter((record) => record.kind === "close"),
      nodes: all.map(({ node = "" }) => node),
    };
  }

  function valuesOf(field: FieldName, key: string, { upgrades, closes, nodes }: Recent): readonly string[] {
    switch (field) {
      case "route":
        return knownRoutes(view);
      case "policy":
        return view
          .policies()
          .policies.flatMap(({ name, versions }) => [
            name,
            ...versions.map(({ bundle }) => `${name}@${bundle.version.slice(0, 8)}`),
          ]);
      case "attribute":
        return upgrades.map(({ attributes }) => textOf(attributes[key]));
      case "header":
        return upgrades.flatMap(({ request }) =>
          request.filter(([name]) => name.toLowerCase() === key.toLowerCase()).map(([, value]) => value),
        );
      case "session":
        return upgrades.map(({ session }) => session);
      case "host":
        return valuesOf("header", "host", { upgrades, closes, nodes });
      case "node":
        return nodes;
      case "status":
        return ["4xx", "5xx", ...upgrades.map(({ status }) => String(status))];
      case "refusal":
        return upgrades.map(({ code }) => code);
      case "client":
        return upgrades.map(({ client }) => client.replace(/:\d+$/, ""));
      case "close":
        return closes.map(({ code }) => String(code));
      case "reason":
      case "rule":
      case "cause":
        return closes.map((record) => record[field]);
      case "method":
      case "path":
      case "subprotocol":
      case "server":
        return upgrades.map((record) => record[field]);
      default:
        return [];
    }
  }
}

const NONE: Recent = { upgrades: [], closes: [], nodes: [] };

function attributeNames({ upgrades }: Recent): readonly string[] {
  return upgrades.flatMap(({ attributes }) => Object.keys(attributes));
}

function headerNames({ upgrades }: Recent): readonly string[] {
  return upgrades.flatMap(({ request }) => request.map(([name]) => name.toLowerCase()));
}

function textOf(value: unknown): string {
  return value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);
}

function distinct(values: readonly string[]): readonly string[] {
  return [...new Set(values)].filter((value) => value !== "");
}
