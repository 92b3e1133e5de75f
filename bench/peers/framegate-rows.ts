import { readFileSync } from "node:fs";
import type { ConfigInput } from "../../core/index.ts";

type Route = NonNullable<ConfigInput["routes"]>[number];

/** One way to run Framegate. What it does not need, it does not load. */
export interface FramegateRow {
  readonly id: string;
  readonly title: string;
  readonly isUsual?: boolean;
  readonly rewrites?: boolean;
  readonly rewritesServer?: boolean;
  readonly only?: readonly string[];
  /** Sources by name. */
  readonly policies: Readonly<Record<string, string>>;
  readonly config?: Omit<ConfigInput, "policies" | "routes" | "listen">;
  /** Paths of its routes; one, `/`, unless it says more. */
  readonly paths?: readonly string[];
  /** What the route of that path has beside its path and upstream. */
  route(index: number): Partial<Route>;
  readonly reload?: { readonly policy: string; source(version: number): string };
}

const sourceOf = (name: string) => readFileSync(new URL(`../policies/${name}.ts`, import.meta.url), "utf8");
const look = sourceOf("look");
const addUser = sourceOf("add-user");
const hook = sourceOf("hook");
const three = { look, "add-user": addUser, hook };

const HOOK = ["rest", "idle", "upgrades", "ready"];
const PUSHES = ["64x50x32s", "1Kx50x32s", "1Kx50x32bs", "64Kx50x4s"];
const CHAINS = ["64x50x32", "64x50x1", "1Kx50x32", "64x1x1", "ready"];
const copies = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`look-${i}`, look]));
const versionSource = (version: number) =>
  `export const client = ({ content }) => ({ content: { body: { ...content.json(), version: ${version} } } });`;

const IN_WORKER = { sandbox: { isolation: "worker" } } as const;

export const framegateRows: readonly FramegateRow[] = [
  { id: "spliced", title: "spliced", isUsual: true, policies: {}, route: () => ({}) },
  {
    ...{ id: "recorded", title: "spliced, recording on", isUsual: true },
    policies: {},
    route: () => ({ recording: true }),
  },
  {
    ...{ id: "hook", title: "spliced, with an upgrade hook", isUsual: true, only: HOOK },
    policies: { hook },
    route: () => ({ policies: ["hook"] }),
  },
  {
    ...{ id: "looks", title: "a policy that looks", isUsual: true },
    policies: { look },
    route: () => ({ policies: ["look"] }),
  },
  {
    ...{ id: "passes", title: "a policy whose `when` is for other messages" },
    policies: { "look-at-orders": sourceOf("look-at-orders") },
    route: () => ({ policies: ["look-at-orders"] }),
  },
  {
    ...{ id: "rewrites", title: "a policy that rewrites", isUsual: true, rewrites: true },
    policies: { "add-user": addUser },
    route: () => ({ policies: ["add-user"] }),
    reload: { policy: "add-user", source: (version) => `// version ${version}\n${addUser}` },
  },
  {
    ...{ id: "sets", title: "a policy that sets a member", isUsual: true, rewrites: true },
    policies: { "set-user": sourceOf("set-user") },
    route: () => ({ policies: ["set-user"] }),
  },
  {
    ...{ id: "looks-worker", title: "a policy that looks, inside of the worker" },
    policies: { look },
    config: IN_WORKER,
    route: () => ({ policies: ["look"] }),
  },
  {
    ...{ id: "rewrites-worker", title: "a policy that rewrites, inside of the worker", rewrites: true },
    policies: { "add-user": addUser },
    config: IN_WORKER,
    route: () => ({ policies: ["add-user"] }),
  },
  {
    ...{ id: "sets-worker", title: "a policy that sets a member, inside of the worker", rewrites: true },
    policies: { "set-user": sourceOf("set-user") },
    config: IN_WORKER,
    route: () => ({ policies: ["set-user"] }),
  },
  {
    ...{
      id: "sets-blind",
      title: "a policy that sets a member and reads no bodies",
      isUsual: true,
      rewrites: true,
    },
    policies: { "set-user-unseen": sourceOf("set-user-unseen") },
    route: () => ({ policies: ["set-user-unseen"] }),
  },
  {
    ...{ id: "looks-server", title: "a policy that looks at the server's messages", isUsual: true },
    only: PUSHES,
    policies: { "look-at-server": sourceOf("look-at-server") },
    route: () => ({ policies: ["look-at-server"] }),
  },
  {
    ...{ id: "rewrites-both", title: "a policy that rewrites both ways" },
    ...{ rewrites: true, rewritesServer: true },
    policies: { both: sourceOf("add-user-both-ways") },
    route: () => ({ policies: ["both"] }),
  },
  {
    ...{ id: "chain-5", title: "a chain of five policies that look", only: CHAINS },
    policies: copies(5),
    route: () => ({ policies: Object.keys(copies(5)) }),
  },
  {
    ...{ id: "hundred", title: "100 routes with 100 policies that look", only: ["rest", ...CHAINS] },
    policies: copies(100),
    paths: Array.from({ length: 100 }, (_, i) => `/route-${i}`),
    route: (index) => ({ policies: [`look-${index}`] }),
  },
  {
    ...{ id: "three", title: "three policies", isUsual: true, only: ["rest"] },
    policies: three,
    route: () => ({ policies: Object.keys(three) }),
  },
  {
    ...{ id: "three-2", title: "three policies, two workers", only: ["rest"] },
    policies: three,
    config: { workers: 2 },
    route: () => ({ policies: Object.keys(three) }),
  },
  {
    ...{ id: "ten", title: "ten policies", isUsual: true, only: ["rest", "ready", "live"] },
    policies: { ...copies(9), version: versionSource(0) },
    route: () => ({ policies: ["version"] }),
    reload: { policy: "version", source: versionSource },
  },
];
