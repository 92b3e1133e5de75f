import type { Validator } from "@cfworker/json-schema";
import type { Content, JsonObject } from "framegate/policy";
import { lookalikeCheck } from "../lenses/lib/json-text.ts";
import { describeErrors, jsonOf, validatorFor } from "../standard/lib/json-check.ts";
import type { MessageDescription, SideDescription } from "./description.ts";

/** What is wrong with a message; `errors` are JSON pointers into it with what is wrong there. */
export interface MessageFault {
  readonly reason: string;
  readonly errors: readonly { readonly path: string; readonly message: string }[];
}

interface Kind {
  readonly name: string;
  readonly validator: Validator;
}

type Definitions = MessageDescription["definitions"];

/** @returns what finds the fault of a message; undefined when there is none */
export function createSideCheck(
  side: SideDescription,
  definitions: Definitions,
): (content: Pick<Content, "body">) => MessageFault | undefined {
  if (side.passesAll === true) return () => undefined;
  const { discriminator: member, passesOthers = false } = side;
  const kinds = Object.entries(side.messages).map(([name, { schema, values = [] }]) => {
    return { name, values, validator: validatorWithin(schema, definitions) };
  });
  const byValue = new Map<unknown, Kind>(kinds.flatMap((kind) => kind.values.map((value) => [value, kind])));
  const faultOf = member === undefined ? tryEach(kinds) : tellApart(member, byValue, tryEach(kinds));
  return (content) => {
    const message = jsonOf(content);
    if (message !== undefined) return faultOf(message.value);
    return passesOthers ? undefined : { reason: "the message is no JSON", errors: [] };
  };
}

/** Definitions are found from the root of a schema. */
export function validatorWithin(schema: object | boolean, definitions: Definitions = {}): Validator {
  return validatorFor({ allOf: [schema as JsonObject | boolean], definitions } as JsonObject, "7");
}

type FindFault = (message: unknown) => MessageFault | undefined;

function tellApart(member: string, byValue: ReadonlyMap<unknown, Kind>, tryKinds: FindFault): FindFault {
  const known = JSON.stringify([...byValue.keys()]);
  const refuseLookalikes = lookalikeCheck([member]);
  return (message) => {
    if (typeof message !== "object" || message === null) return tryKinds(message);
    try {
      refuseLookalikes(message);
    } catch {
      return noneOf(member, "is there in another spelling");
    }
    // A description may leave it open whether it is there.
    if (!Object.hasOwn(message, member)) return tryKinds(message) && noneOf(member, "is missing");
    const kind = byValue.get((message as Readonly<Record<string, unknown>>)[member]);
    return kind === undefined ? noneOf(member, `is none of ${known}`) : faultAs(kind, message);
  };
}

function tryEach(kinds: readonly Kind[]): FindFault {
  return (message) => {
    const faults = [];
    for (const kind of kinds) {
      const fault = faultAs(kind, message);
      if (fault === undefined) return undefined;
      faults.push(fault);
    }
    const [only] = faults;
    if (only !== undefined && faults.length === 1) return only;
    return { reason: "the message is none of the description's", errors: [] };
  };
}

function faultAs({ name, validator }: Kind, message: unknown): MessageFault | undefined {
  const { valid, errors } = validator.validate(message);
  return valid ? undefined : { reason: `the message is no ${name}`, errors: describeErrors(errors) };
}

function noneOf(member: string, message: string): MessageFault {
  return { reason: "the message is none of the description's", errors: [{ path: `/${member}`, message }] };
}
