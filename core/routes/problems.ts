import { missingFromPack, suggestPolicy } from "../../policies/pack/missing-policy.ts";
import { parsePolicyName } from "../../policies/pack/pack-name.ts";
import type { ConfigProblem } from "../config/index.ts";

/** What stands in the way of routes that somebody wrote, and what becomes of them. */
export type RouteProblem =
  /** A policy brings a route that is none: it is not served. */
  | {
      readonly code: "invalid-route";
      readonly file: string;
      readonly message: string;
      /** Each thing that is wrong with it. */
      readonly details: readonly ConfigProblem[];
    }
  /** Several routes for the same requests. */
  | {
      readonly code: "contested-path";
      readonly claimants: readonly ClaimedPath[];
      /** The file that had the path before and keeps it; undefined: the path is not served. */
      readonly keeper: string | undefined;
    }
  /** A second route of one name: it is not served. */
  | ({ readonly code: "namesake"; readonly name: string; readonly first: RoutePlace } & RoutePlace)
  /** No such policy. */
  | ({
      readonly code: "unknown-policy";
      readonly known: readonly string[];
      /** The policies that the route had stay until the next start; else its connections are refused. */
      readonly isKept: boolean;
    } & UsePlace)
  /** Its file, or its pack, is gone: the last version keeps running. */
  | ({ readonly code: "policy-gone" } & UsePlace)
  /** A policy that brings a route, and does nothing itself. */
  | ({ readonly code: "no-hooks"; readonly policyFile: string } & UsePlace)
  /** Options that the policy does not take. */
  | ({
      readonly code: "wrong-options";
      readonly message: string;
      /** The last good options stay; else the route's connections are refused. */
      readonly isKept: boolean;
    } & UsePlace)
  /** Options that a version on its way does not take: it is taken back. */
  | ({ readonly code: "canary-options"; readonly message: string } & UsePlace)
  /** There is no such policy to be its shadow: in a folder, or by its file. */
  | ({ readonly code: "no-shadow"; readonly from: string; readonly isFile: boolean } & UsePlace)
  /** Options that the shadow does not take. */
  | ({ readonly code: "shadow-options"; readonly from: string; readonly message: string } & UsePlace);

/** Where a route is written. */
export interface RoutePlace {
  readonly file: string;
  /** The place in that file: `routes[0]`, or `route` in a policy. */
  readonly option: string;
}

interface ClaimedPath extends RoutePlace {
  readonly path: string;
}

/** Where a route names a policy. */
export interface UsePlace extends RoutePlace {
  /** The route's name. */
  readonly route: string;
  readonly policy: string;
}

/** A problem, told to its two readers. */
export interface ProblemWords {
  /** For the log of a gateway that runs: which route it is, and what becomes of its connections. */
  readonly inLog: string;
  /** For the author, at each place of a file that is to be changed; "" where the message names its place itself. */
  readonly inFiles: readonly { readonly place: string; readonly message: string }[];
}

export function wordProblem(problem: RouteProblem): ProblemWords {
  switch (problem.code) {
    case "invalid-route": {
      const { file: place, message, details } = problem;
      const inFiles = details.map((detail) => ({ place, message: `${detail.path}: ${detail.message}` }));
      return { inLog: message, inFiles: inFiles.length === 0 ? [{ place, message }] : inFiles };
    }
    case "contested-path":
      return wordContest(problem.claimants, problem.keeper);
    case "namesake": {
      const { name, file, option, first } = problem;
      const outcome = "until it has another, it is not served";
      return words(problem, {
        inLog: `${file}: the route's name "${name}" is that of a route of ${first.file} already; ${outcome}`,
        inFile: `${option}.name: "${name}" is that of ${first.option} of ${first.file} already; ${outcome}`,
      });
    }
    case "unknown-policy":
      return wordUnknown(problem);
    case "policy-gone": {
      const what = parsePolicyName(problem.policy) === undefined ? "file" : "pack";
      return words(problem, {
        inLog: `${naming(problem)}, whose ${what} is gone; its last version keeps running`,
        inFile: `${problem.option}: the ${what} of the policy "${problem.policy}" is gone; its last version keeps running`,
      });
    }
    case "no-hooks":
      return {
        inLog: `${naming(problem)}, which exports no hook: expected upgrade, client, server or close`,
        inFiles: [wordHookless(problem.policyFile)],
      };
    case "wrong-options": {
      const { file, option, route, policy, message, isKept } = problem;
      const outcome = isKept ? "the last good options stay" : "its connections are refused";
      return words(problem, {
        inLog: `${file}: route "${route}", policy "${policy}": ${message}; ${outcome}`,
        inFile: `${option}, policy "${policy}": ${message}`,
      });
    }
    case "canary-options": {
      const { file, option, route, policy, message } = problem;
      return words(problem, {
        inLog: `${file}: route "${route}", policy "${policy}", the version on its way: ${message}; it is taken back`,
        inFile: `${option}, policy "${policy}", the version on its way: ${message}`,
      });
    }
    case "no-shadow":
      return wordShadow(
        problem,
        problem.from,
        problem.isFile ? "there is no such file" : `the folder has no policy "${problem.policy}"`,
      );
    case "shadow-options":
      return wordShadow(problem, problem.from, problem.message);
  }
}

/** Of a file that exports no hook. One without a route is not even loaded. */
export function wordHookless(file: string): ProblemWords["inFiles"][number] {
  const message =
    "exports no hook: export a function named upgrade, client, server or close; a file that policies share is named with a leading `_`";
  return { place: file, message };
}

/** The author hears it once, of the file that was read last: giving up any one of them mends it. */
function wordContest(claimants: readonly ClaimedPath[], keeper: string | undefined): ProblemWords {
  const outcome = `until one of them gives it up, ${keeper === undefined ? "the path is not served" : `${keeper} keeps it`}`;
  const files = claimants.map(({ file }) => file).join(" and ");
  const others = claimants.slice(0, -1).map(({ option, file }) => `${option} of ${file}`);
  return {
    inLog: `the path "${claimants[0]?.path}" is claimed by ${files}; ${outcome}`,
    inFiles: claimants.slice(-1).map(({ file, option, path }) => ({
      place: file,
      message: `${option}.path: "${path}" is claimed by ${others.join(" and ")} too; ${outcome}`,
    })),
  };
}

function wordUnknown(place: Extract<RouteProblem, { readonly code: "unknown-policy" }>): ProblemWords {
  const { policy, option, known, isKept } = place;
  const pack = parsePolicyName(policy)?.pack;
  const near = suggestPolicy(policy, known);
  const question = `did you mean "${near}"?`;
  const files = known.filter((name) => parsePolicyName(name) === undefined);
  const listed = files.length === 0 ? "the folder has none" : `the folder has ${files.join(", ")}`;
  const reason = pack === undefined ? listed : missingFromPack(pack, known);
  const lack = `and ${pack === undefined ? "the folder has no such file" : reason}`;
  const outcome = isKept
    ? "the policies that it had stay until the next start, which refuses its connections"
    : "its connections are refused";
  return words(place, {
    inLog: `${naming(place)}, ${near === undefined ? lack : `which is not there (${question})`}; ${outcome}`,
    inFile: `${option}: there is no policy "${policy}"; ${near === undefined ? reason : question}`,
  });
}

/** Nothing becomes of the connections. */
function wordShadow(place: UsePlace, from: string, problem: string): ProblemWords {
  const { file, option, route, policy } = place;
  return words(place, {
    inLog: `${file}: route "${route}", policy "${policy}", its shadow from "${from}": ${problem}; it has none until then`,
    inFile: `${option}, policy "${policy}", its shadow: ${problem}`,
  });
}

function naming({ file, route, policy }: UsePlace): string {
  return `${file}: route "${route}" names the policy "${policy}"`;
}

function words(
  { file }: RoutePlace,
  { inLog, inFile }: { readonly inLog: string; readonly inFile: string },
): ProblemWords {
  return { inLog, inFiles: [{ place: file, message: inFile }] };
}
