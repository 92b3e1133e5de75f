import type { PayloadView, TrafficRecord } from "../records.ts";
import { headerLists } from "./readings.ts";

/** All texts of a record that are searched, until one fits. */
export function someText(record: TrafficRecord, fits: (text: string) => boolean): boolean {
  const fitsDetail = ({ detail }: { readonly detail: string }) => fits(detail);
  switch (record.kind) {
    case "upgrade":
    case "request":
      return (
        [record.path, record.server, record.client, record.code, record.detail].some(fits) ||
        headerLists(record).some((list) => list.some(([name, value]) => fits(name) || fits(value))) ||
        record.steps.some(fitsDetail)
      );
    case "frame": {
      const made = record.steps.map(({ after }) => after);
      const payloads = [record.payload, record.after, ...record.replies, ...record.appended, ...made];
      return (
        payloads.some((payload) => payload !== null && fits(textOf(payload))) || record.steps.some(fitsDetail)
      );
    }
    case "hook": {
      const { hook, detail, rule, toClient, toServer } = record;
      return (
        [hook, detail, rule].some(fits) || [...toClient, ...toServer].some((payload) => fits(textOf(payload)))
      );
    }
    case "close":
      return [record.reason, record.cause, record.detail, record.rule, record.client, record.server].some(
        fits,
      );
  }
}

function textOf({ encoding, data }: PayloadView): string {
  return encoding === "text" ? data : Buffer.from(data, "base64").toString("utf8");
}
