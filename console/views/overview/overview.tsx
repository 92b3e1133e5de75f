import { useComputed } from "@preact/signals";
import type { Pulse } from "../../../core/admin/api/api-schema.ts";
import { Ago } from "../../parts/basics.tsx";
import { Chart } from "../../parts/chart/chart.tsx";
import { bytes, compact, elapsed, plural } from "../../parts/format.ts";
import { RecordingButton } from "../../parts/recording/recording-button.tsx";
import { useApp } from "../../state/app.ts";
import { link } from "../../state/query.ts";
import { Problems } from "./problems.tsx";
import { RecentEnds } from "./recent-ends.tsx";
import { RoutesCard } from "./routes-card.tsx";
import { Tile } from "./tile.tsx";
import "./overview.css";

/** Of how many seconds a tile shows the mean: one second alone jumps about. */
const TILE_SECONDS = 5;
/** Of a tile that shows what is now; one that counts has the time that it counts. */
const TREND_SECONDS = 60;
const SHOWN_SECONDS = 180;

export function Overview() {
  const { live } = useApp();
  const shown = useComputed(() => live.pulses.value.slice(-SHOWN_SECONDS));
  const pulses = shown.value;
  const info = live.info.value;
  const times = pulses.map(({ time }) => time / 1000);
  const values = <Value extends number | null>(of: (pulse: Pulse) => Value) => pulses.map(of);
  const recent = (of: (pulse: Pulse) => number) => values(of).slice(-TREND_SECONDS);
  const mean = (of: (pulse: Pulse) => number) => {
    const last = pulses.slice(-TILE_SECONDS);
    return last.length === 0 ? 0 : last.reduce((sum, pulse) => sum + of(pulse), 0) / last.length;
  };
  const total = (of: (pulse: Pulse) => number) => pulses.reduce((sum, pulse) => sum + of(pulse), 0);
  const minutes = Math.max(1, Math.round(pulses.length / 60));
  const refused = total(({ upgrades }) => upgrades.refused);
  const failed = total(({ upgrades }) => upgrades.failed);
  const faults = total((pulse) => pulse.faults);
  const { latencyMs: timed = null } = pulses.at(-1) ?? {};
  // A second without messages says nothing of how long they take.
  const latency = timed ?? pulses.findLast(({ latencyMs }) => latencyMs !== null)?.latencyMs ?? null;
  const upgrade = pulses.findLast(({ upgradeMs }) => upgradeMs !== null)?.upgradeMs ?? null;
  const dropped = total((pulse) => pulse.dropped);

  return (
    <>
      <header class="page-head">
        <h1>Overview</h1>
        <span class="spread" />
        <RecordingButton />
        {info && (
          <span class="muted overview-since">
            {plural(info.workers, "worker")} · started <Ago time={info.startedAt} />
          </span>
        )}
      </header>
      <div class="page-scroll" tabIndex={-1}>
        <div class="page-body">
          <Problems />
          <div class="tiles">
            <Tile
              name="Messages"
              value={compact(mean(messagesOf))}
              unit="/s"
              note={`${bytes(mean(({ bytes: sides }) => sides.client + sides.server))}/s`}
              trend={recent(messagesOf)}
              colour="--accent"
              href="/traffic/websockets"
            />
            <Tile
              name="Open sessions"
              value={compact(pulses.at(-1)?.sessions ?? 0)}
              note={`${compact(mean(({ upgrades }) => upgrades.accepted))} new a second`}
              trend={recent(({ sessions }) => sessions)}
              colour="--server"
              href="/sessions"
            />
            <Tile
              name="Time in the gateway"
              value={latency === null ? "–" : elapsed(latency.p50)}
              unit="p50"
              note={`p99 ${word(latency?.p99)}${upgrade === null ? "" : `; upgrades ${elapsed(upgrade.p50)}, ${elapsed(upgrade.p99)}`}`}
              tone={timed === null ? "past" : ""}
              trend={recent(({ latencyMs }) => latencyMs?.p50 ?? 0)}
              colour="--client"
            />
            <Tile
              name="Refused"
              value={compact(refused)}
              note={`${refused === 1 ? "upgrade" : "upgrades"} in ${minutes} min`}
              trend={values(({ upgrades }) => upgrades.refused)}
              colour="--warn"
              tone={refused > 0 ? "warn" : ""}
              href={link("/traffic/http", { filter: "status:4xx" })}
            />
            <Tile
              name="Errors"
              value={compact(failed + faults)}
              note={`${plural(failed, "upgrade")}, ${plural(faults, "fault")} in ${minutes} min`}
              trend={values(({ faults: count, upgrades }) => count + upgrades.failed)}
              colour="--bad"
              tone={failed + faults > 0 ? "bad" : ""}
              href={
                failed > faults
                  ? link("/traffic/http", { filter: "status:5xx" })
                  : link("/traffic/websockets", { outcome: "failed" })
              }
            />
          </div>
          <div class="charts">
            <section class="card">
              <Chart
                label="Messages a second"
                times={times}
                format={compact}
                isWhole
                series={[
                  {
                    label: "client",
                    colour: "--client",
                    values: values(({ messages }) => messages.client),
                    look: "area",
                  },
                  {
                    label: "server",
                    colour: "--server",
                    values: values(({ messages }) => messages.server),
                    look: "area",
                  },
                ]}
              />
            </section>
            <section class="card">
              <Chart
                label="Time in the gateway"
                times={times}
                format={elapsed}
                series={[
                  {
                    label: "p99",
                    colour: "--server",
                    values: values(({ latencyMs }) => latencyMs?.p99 ?? null),
                  },
                  {
                    label: "p50",
                    colour: "--client",
                    values: values(({ latencyMs }) => latencyMs?.p50 ?? null),
                    look: "area",
                  },
                  {
                    label: "policies (mean)",
                    colour: "--accent",
                    values: values(({ policyMs }) => policyMs),
                  },
                ]}
              />
            </section>
            <section class="card">
              <Chart
                label="Open sessions"
                times={times}
                format={compact}
                isWhole
                series={[
                  {
                    label: "open",
                    colour: "--server",
                    values: values(({ sessions }) => sessions),
                    look: "area",
                  },
                ]}
              />
            </section>
            <section class="card">
              <Chart
                label="Refusals and errors"
                times={times}
                format={compact}
                isWhole
                series={[
                  {
                    label: "refused",
                    colour: "--warn",
                    values: values(({ upgrades }) => upgrades.refused),
                    look: "bars",
                  },
                  {
                    label: "failed",
                    colour: "--server",
                    values: values(({ upgrades }) => upgrades.failed),
                    look: "bars",
                  },
                  {
                    label: "faults",
                    colour: "--bad",
                    values: values((pulse) => pulse.faults),
                    look: "bars",
                  },
                ]}
              />
            </section>
          </div>
          <RecentEnds />
          <RoutesCard />
          <p class="muted overview-health">
            Event loop {elapsed(pulses.at(-1)?.eventLoopMs ?? 0)} p99 ·{" "}
            {bytes(pulses.at(-1)?.bufferedBytes ?? 0)} buffered · {compact(mean(({ recorded }) => recorded))}{" "}
            records a second
            {dropped > 0 && `, ${compact(dropped)} lost in ${minutes} min because they came too fast`}
          </p>
        </div>
      </div>
    </>
  );
}

function messagesOf({ messages }: Pulse): number {
  return messages.client + messages.server;
}

function word(ms: number | undefined): string {
  return ms === undefined ? "–" : elapsed(ms);
}
