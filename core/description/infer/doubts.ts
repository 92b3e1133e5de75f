import { countOf } from "../../../policies/count-of.ts";
import type { Shape } from "./shape.ts";

/** Messages of a kind below which anything may be chance. */
const FEW = 10;
const MAX_DOUBTS = 12;

/** What is not sure of the schema of a kind of messages, a sentence each, with a JSON pointer where it is about a part. */
export function doubtsOf(shape: Shape): readonly string[] {
  const few = shape.count < FEW ? [`seen ${countOf(shape.count, "time")} only`] : [];
  const doubts = [...few, ...within(shape, "")];
  const more = doubts.length - MAX_DOUBTS;
  return more > 0 ? [...doubts.slice(0, MAX_DOUBTS), `and ${countOf(more, "doubt")} more`] : doubts;
}

function within(shape: Shape, place: string): string[] {
  const kinds = [
    shape.objects,
    shape.arrays,
    shape.texts.count,
    shape.integers + shape.fractions,
    shape.booleans,
  ];
  const at = place === "" ? "the message" : place;
  return [
    ...(shape.hidden > 0 ? [`${at} is hidden in the recording: it may be anything`] : []),
    ...(shape.unseen > 0 ? [`${at} is nested too deep to be looked at`] : []),
    ...(kinds.filter((count) => count > 0).length > 1 ? [`${at} has had values of several types`] : []),
    ...(shape.nulls === shape.count && shape.count > 0 ? [`${at} has always been null`] : []),
    ...(shape.members === undefined ? [`${at} has so many names that they are taken for data`] : []),
    ...[...(shape.members ?? [])].flatMap(([name, member]) => memberDoubts(shape, name, member, place)),
    ...(shape.values === undefined ? [] : within(shape.values, `${place}/*`)),
    ...(shape.items === undefined
      ? shape.arrays > 0
        ? [`${at} has always been empty`]
        : []
      : within(shape.items, `${place}/*`)),
  ];
}

function memberDoubts({ objects }: Shape, name: string, member: Shape, place: string): string[] {
  const at = `${place}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
  const isRare = member.count < objects && (member.count <= 2 || objects - member.count <= 2);
  return [
    ...(isRare ? [`${at} was there in ${member.count} of ${objects}, and is optional`] : []),
    ...within(member, at),
  ];
}
