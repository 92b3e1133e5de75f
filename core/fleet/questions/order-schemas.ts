/**
 * What another node asks for. Strict: a word that this version does not know could narrow down who is meant, and what is
 * done to sessions must never be done to more than were meant.
 */
import { z } from "zod";
import type { SessionsQuery } from "../../engine/live-session.ts";
import { END_CAUSES } from "../../session-end.ts";
import type { SessionFilter } from "../../steering/session-filter.ts";
import type { SteeringOrder } from "../../steering/steering-order.ts";
import type { CloseStatus } from "../../wire/close-payload.ts";
import { MOST_MESSAGE } from "./answer-schemas.ts";

const text = z.string().max(10_000);
const count = z.number().min(0);
const idSchema = z.string().min(1).max(200);

const filterSchema = z.strictObject({
  id: text.exactOptional(),
  route: text.exactOptional(),
  client: text.exactOptional(),
  attributes: z
    .array(z.strictObject({ name: text, value: text.exactOptional() }))
    .max(1000)
    .readonly()
    .exactOptional(),
  policy: z.strictObject({ name: text, version: text.exactOptional() }).exactOptional(),
  subprotocol: text.exactOptional(),
  olderThanMs: count.exactOptional(),
  youngerThanMs: count.exactOptional(),
  upstream: z.strictObject({ name: text, target: text.exactOptional() }).exactOptional(),
}) satisfies z.ZodType<SessionFilter>;

const statusSchema = z
  .strictObject({ code: z.int().min(1000).max(4999).optional(), reason: z.string().max(123) })
  .transform(({ code, reason }) => ({ code, reason })) satisfies z.ZodType<CloseStatus>;

export const nothingSchema = z.strictObject({});

export const pageOrderSchema = z.strictObject({
  filter: filterSchema,
  limit: z.int().min(1).max(1000),
  before: z.strictObject({ id: idSchema, startedAt: z.number() }).exactOptional(),
}) satisfies z.ZodType<SessionsQuery>;

export const countOrderSchema = z.strictObject({ filter: filterSchema });
export const closeOrderSchema = z.strictObject({ id: idSchema, status: statusSchema });
export const sayOrderSchema = z.strictObject({
  id: idSchema,
  to: z.enum(["client", "server"]),
  binary: z.boolean(),
  base64: z.base64(),
  isForPolicies: z.boolean(),
});
export const oneSchema = z.strictObject({ id: idSchema });
export const steerOrderSchema = z.strictObject({ id: idSchema, count: z.int().min(0) });

export const selectOrderSchema = z.strictObject({
  id: idSchema,
  filter: filterSchema,
  act: z.strictObject({
    message: z.string().max(MOST_MESSAGE).exactOptional(),
    close: statusSchema.exactOptional(),
    renew: z.literal(true).exactOptional(),
    grounds: z.strictObject({ cause: z.enum(END_CAUSES), detail: text }),
  }),
}) satisfies z.ZodType<SteeringOrder>;

export type PageOrder = z.infer<typeof pageOrderSchema>;
