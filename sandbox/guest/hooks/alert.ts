import { ALERT_NAME, ASK_KIND, type WireAlert } from "../../wire/ask-texts.ts";
import type { Asks } from "../asks.ts";
import { plainArgument } from "./plain-json.ts";

/** `alert` of the hooks' contexts. */
export function createAlert(asks: Asks): (name: unknown, details?: unknown) => Promise<void> {
  return async (name, details = {}) => {
    if (typeof name !== "string" || !ALERT_NAME.test(name))
      throw new TypeError("alert: expected a name of up to 64 letters, digits, _, ., : and -");
    if (typeof details !== "object" || details === null || Array.isArray(details))
      throw new TypeError("alert: expected `details` to be an object");
    const wire: WireAlert = { name, details: plainArgument("alert", details, "details") };
    const { answer } = asks.ask("alert", ASK_KIND.alert, JSON.stringify(wire));
    await answer;
  };
}
