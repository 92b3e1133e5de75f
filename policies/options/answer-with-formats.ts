/** As `answer.ts`, for schemas that have formats: what reads these is several times as large as all the rest. */
import { answer, type CheckAnswer } from "./answer.ts";
import { formats } from "./formats.ts";

export function answerWithFormats(question: string): { readonly optionsSchema: CheckAnswer } {
  return answer(question, formats);
}
