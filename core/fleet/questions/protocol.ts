/**
 * What nodes write to each other. Nothing of it is believed before it has passed here. A node that does not know a question,
 * a word in it, or the protocol says so, and is named: during an upgrade nodes of two versions are in one fleet.
 */
import { z } from "zod";
import { fleetQuestions, isQuestion, type QuestionAnswer, type QuestionName } from "./questions.ts";

const PROTOCOL = 1;
const MAX_QUESTION_LENGTH = 128 * 1024;
export const MAX_ANSWER_LENGTH = 1024 * 1024;

const idSchema = z.string().min(1).max(100);

const questionSchema = z.object({
  protocol: z.number(),
  id: idSchema,
  /** Where the answer goes. */
  from: idSchema,
  /** Holders: nobody else is meant, though all hear it. */
  to: z.array(idSchema).max(2_000),
  name: z.string().max(100),
  args: z.unknown(),
});

const answerSchema = z.object({
  protocol: z.number(),
  id: idSchema,
  from: idSchema,
  refusal: z.enum(["version", "failed"]).optional(),
  value: z.unknown().optional(),
});

export interface ReadQuestion {
  readonly id: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly name: QuestionName;
  readonly args: unknown;
}

export function writeQuestion(question: Omit<ReadQuestion, "name"> & { readonly name: string }): string {
  const text = JSON.stringify({ protocol: PROTOCOL, ...question });
  if (text.length > MAX_QUESTION_LENGTH) throw new Error("the question is too long for the other nodes");
  return text;
}

/** Undefined: nobody can be told. `refused`: whoever asks is to know that it was not understood. */
export function readQuestion(
  text: string,
): ReadQuestion | { readonly refused: { readonly id: string; readonly from: string } } | undefined {
  const question = parse(text, MAX_QUESTION_LENGTH, questionSchema);
  if (question === undefined) return undefined;
  const { protocol, id, from, to, name } = question;
  const refused = { refused: { id, from } };
  if (protocol !== PROTOCOL || !isQuestion(name)) return refused;
  const { success, data } = fleetQuestions[name].args.safeParse(question.args);
  return success ? { id, from, to, name, args: data } : refused;
}

export interface AnswerTo {
  /** Of the question. */
  readonly id: string;
  /** Who answers. */
  readonly from: string;
}

/** What is too long is no answer: who asked hears that it failed. */
export function writeAnswer(to: AnswerTo, value: unknown): string {
  const text = JSON.stringify({ protocol: PROTOCOL, ...to, value });
  return text.length > MAX_ANSWER_LENGTH ? writeRefusal(to, "failed") : text;
}

export function writeRefusal(to: AnswerTo, refusal: "version" | "failed"): string {
  return JSON.stringify({ protocol: PROTOCOL, ...to, refusal });
}

export interface ReadReply extends AnswerTo {
  /** Not checked yet: what it must be says the question. */
  readonly value: unknown;
  readonly refusal: "version" | "failed" | undefined;
}

/** Undefined: it is none. */
export function readReply(text: string): ReadReply | undefined {
  const answer = parse(text, MAX_ANSWER_LENGTH, answerSchema);
  if (answer === undefined) return undefined;
  const { protocol, id, from, value, refusal } = answer;
  return { id, from, value, refusal: protocol === PROTOCOL ? refusal : "version" };
}

export function checkReply<Name extends QuestionName>(
  name: Name,
  value: unknown,
): QuestionAnswer<Name> | undefined {
  const { success, data } = fleetQuestions[name].answer.safeParse(value);
  return success ? (data as QuestionAnswer<Name>) : undefined;
}

function parse<Schema extends z.ZodType>(
  text: string,
  maxLength: number,
  schema: Schema,
): z.infer<Schema> | undefined {
  if (text.length > maxLength) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
