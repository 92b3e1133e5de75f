import { z } from "zod";

/**
 * As `safeParse`, for what others have written: that throws at something which is no list and whose `length` is no
 * number, such as `{ "length": {} }` with a `toString` that cannot be called.
 */
export function parseShape<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): z.ZodSafeParseSuccess<z.output<Schema>> | z.ZodSafeParseError<unknown> {
  try {
    return schema.safeParse(value);
  } catch (error) {
    const message = `expected values that can be checked (${(error as Error).message})`;
    return {
      success: false,
      error: new z.ZodError([{ code: "custom", path: [], message, input: value }]),
    };
  }
}
