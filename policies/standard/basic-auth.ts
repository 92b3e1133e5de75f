import type { Request, Upgrade } from "framegate/policy";
import { isSame, sha256Hex } from "./lib/keys.ts";
import { unauthorized } from "./lib/refusals.ts";

interface User {
  readonly name: string;
  readonly salt: string;
  readonly sha256: string;
}

/** Lets in who has a name and a password. */
interface Options {
  readonly users: readonly User[];
  readonly realm: string;
  readonly attribute: string;
  readonly forward: boolean;
}

export const optionsSchema = {
  type: "object",
  required: ["users"],
  properties: {
    users: {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        required: ["name", "salt", "sha256"],
        properties: {
          name: { type: "string", minLength: 1, pattern: "^[^:]+$" },
          salt: { type: "string", minLength: 8 },
          sha256: { type: "string", pattern: "^[0-9a-f]{64}$" },
        },
        additionalProperties: false,
      },
      description: "Who is let in: `name`, `salt`, and `sha256` of `SALT:PASSWORD` in hexadecimal.",
    },
    realm: {
      type: "string",
      pattern: '^[^"\\\\\\r\\n]+$',
      default: "framegate",
      description: "What a browser shows when it asks for the password.",
    },
    attribute: {
      type: "string",
      minLength: 1,
      default: "user",
      description: "The attribute that gets the name.",
    },
    forward: {
      type: "boolean",
      default: false,
      description: "Whether the server gets the Authorization header too.",
    },
  },
  additionalProperties: false,
};

/** Takes the place of a user that there is not, so that names cannot be told by the time they take. */
const NOBODY: User = { name: "", salt: "no such user", sha256: "" };

export const upgrade: Upgrade<Options> = async ({ request, options }) => {
  const given = readCredentials(request);
  const user = options.users.find(({ name }) => name === given?.name) ?? NOBODY;
  const hash = await sha256Hex(`${user.salt}:${given?.password ?? ""}`);
  if (!given || !isSame(hash, user.sha256)) {
    return unauthorized(`Basic realm="${options.realm}", charset="UTF-8"`, "name and password are needed");
  }
  return {
    attributes: { [options.attribute]: user.name },
    ...(options.forward ? {} : { headers: { authorization: null } }),
  };
};

/** RFC 7617: the name ends at the first colon. */
function readCredentials({ headers }: Request): { name: string; password: string } | undefined {
  const [value, ...others] = headers.getAll("authorization");
  const encoded = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(value?.trim() ?? "")?.[1];
  if (encoded === undefined || others.length > 0) return undefined;
  try {
    const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const colon = text.indexOf(":");
    return colon < 1 ? undefined : { name: text.slice(0, colon), password: text.slice(colon + 1) };
  } catch {
    return undefined;
  }
}
