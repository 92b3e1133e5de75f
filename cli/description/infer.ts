import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { stringify } from "yaml";
import { renderAsyncApi } from "../../core/description/infer/asyncapi-document.ts";
import { inferMessages } from "../../core/description/infer/infer.ts";
import { chooseMessages } from "../../core/description/infer/recorded-messages.ts";
import { leaveOutRefused } from "../../core/description/infer/refused-messages.ts";
import { sayable } from "../../core/description/infer/sayable.ts";
import { renderSchema } from "../../core/description/infer/schema-document.ts";
import { SIDES } from "../../core/description/read-description.ts";
import { readSessions } from "../../core/recording/read-recording.ts";
import { showPath } from "../../policies/shown-path.ts";
import { RECORD_FIRST, readInput } from "../input-file.ts";
import { writeNew } from "../new-file.ts";
import { wordInferred, wordRefused } from "./infer-words.ts";
import { printEscaped } from "./print-escaped.ts";

export interface InferOptions {
  readonly route?: string;
  readonly asyncapi?: boolean;
  readonly withRefused?: boolean;
  readonly out: string;
}

/** Writes what messages of a recording have been like, and says what of it is not sure. */
export async function inferSchemas(file: string, options: InferOptions): Promise<void> {
  const recording = readSessions(await readInput(file, RECORD_FIRST), file);
  const recorded = chooseMessages(recording, options.route, file);
  const { accepted, refused, policies } = leaveOutRefused(recorded.messages);
  const isLeftOut = options.withRefused !== true && refused > 0;
  const seen = inferMessages(isLeftOut ? accepted : recorded.messages);
  const inferred = options.asyncapi === true ? sayable(seen) : seen;
  const source = basename(file);
  const name = source.replace(/\.[^.]+$/, "");
  const documents =
    options.asyncapi === true
      ? [
          {
            name: `${name}.asyncapi.yaml`,
            text: stringify(renderAsyncApi(inferred, { path: recorded.path, source }), {
              aliasDuplicateObjects: false,
            }),
          },
        ]
      : SIDES.filter((side) => inferred.sides[side].kinds.length > 0).map((side) => ({
          name: `${name}.${side}.schema.json`,
          text: `${JSON.stringify(renderSchema(inferred.messages[side], `What the ${side} sends`), null, 2)}\n`,
        }));
  await mkdir(options.out, { recursive: true });
  const files = documents.map((document) => ({ ...document, file: join(options.out, document.name) }));
  for (const { file: out, text } of files) await writeNew(out, text);
  const written = files.map(({ file: out }) => `wrote ${showPath(out)}`);
  printEscaped([
    ...wordInferred(file, recorded, inferred),
    ...(isLeftOut ? [wordRefused(refused, policies)] : []),
    ...written,
  ]);
}
