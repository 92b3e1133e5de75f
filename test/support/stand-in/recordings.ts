import type { RouteView } from "../../../core/admin/api/api-schema.ts";
import type {
  RecordingSwitchesView,
  RecordingSwitchView,
  RecordingWishInput,
} from "../../../core/admin/api/recording/switch-schema.ts";

/** What is recorded, and what somebody switches of it. */
export function createRecordings(isRecording: boolean) {
  let switches: readonly RecordingSwitchView[] = [];
  const end = (place: string) => {
    switches = switches.filter(({ route }) => route !== place);
  };
  const configured = { sample: isRecording ? 1 : 0, payloadBytes: 256 };
  return {
    end,
    set({ route = "", sample, records = 0 }: RecordingWishInput) {
      end(route);
      const since = Date.now();
      const until = since + 900_000;
      switches = [
        ...switches,
        { route, sample, payloadBytes: 1024, maxRecords: records, records: 0, since, until },
      ];
    },
    describe: (routes: readonly RouteView[]): RecordingSwitchesView => ({
      switches: [...switches],
      routes: routes.map(({ name }) => ({
        route: name,
        configured,
        now:
          switches.find(({ route }) => route === name) ??
          switches.find(({ route }) => route === "") ??
          configured,
      })),
    }),
  };
}
